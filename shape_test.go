package fleetdrill_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a reader can hold: more than this is two things in one.
const (
	maxMethods      = 25   // of one type
	maxPackageLines = 2500 // of one package, without its tests
	maxFileLines    = 400
)

// realTime lists the files that may read the real clock or wait by it: each talks to
// something outside the program that goes by real time (a process, a socket, a cluster, a
// disk, a screen). What decides is handed the time.
var realTime = []string{
	"cmd/fleetdrill/drilling.go",
	"cmd/fleetdrill/past/prune.go",
	"cmd/fleetdrill/outside/foreground.go",
	"cmd/fleetdrill/run.go",
	"cmd/fleetdrill/tty/outlet.go",
	"cmd/fleetdrill/tty/stops.go",
	"cmd/fleetdrill/up.go",
	"drill/agent/answer/respond.go",
	"drill/agent/answer/timeout.go",
	"drill/agent/config.go",
	"drill/agent/discovery/checks.go",
	"drill/agent/front/split.go",
	"drill/agent/serve.go",
	"drill/agent/stood.go",
	"drill/agent/storeapi.go",
	"drill/agent/wire/echo.go",
	"drill/agent/wire/short.go",
	"drill/agent/wire/timeout.go",
	"drill/agent/wire/upstream.go",
	"drill/agent/zone/check.go",
	"drill/agent/zone/targets.go",
	"drill/bus/clock.go",
	"drill/control/control.go",
	"drill/fleet/gateway/unresponsive.go",
	"drill/fleet/kindfleet/kindcluster/create.go",
	"drill/fleet/kindfleet/kindfleet.go",
	"drill/fleet/kindfleet/readiness.go",
	"drill/fleet/kindfleet/removal/removal.go",
	"drill/fleet/kube/readiness.go",
	"drill/fleet/kube/scale.go",
	"drill/fleet/localfleet/child.go",
	"drill/fleet/localfleet/cordon.go",
	"drill/fleet/localfleet/localfleet.go",
	"drill/fleet/localfleet/ownership.go",
	"drill/fleet/localfleet/stay.go",
	"drill/feed/events/events.go",
	"drill/feed/webhook/webhook.go",
	"drill/fleet/localfleet/watch.go",
	"drill/fleet/record/file.go",
	"drill/fleet/record/process.go",
	"drill/history/linear/linear.go",
	"drill/instrument/slept_other.go",
	"drill/link/clock.go",
	"drill/pause/pause.go",
	"drill/store/log/append.go",
	"drill/store/log/config.go",
	"drill/store/log/follow.go",
	"drill/store/log/replica.go",
	"drill/store/log/source.go",
	"drill/store/postgres/config.go",
	"drill/store/postgres/replica.go",
	"drill/store/postgres/server/server.go",
	"drill/store/replica/conformance/append.go",
	"drill/store/replica/conformance/backup.go",
	"drill/store/replica/conformance/follow.go",
	"drill/store/replica/conformance/health.go",
	"drill/store/replica/conformance/lab.go",
	"drill/store/replica/conformance/lease.go",
	"drill/store/snapshot/shipper.go",
	"drill/traffic/pacer.go",
	"tui/tui.go",
}

// clockCalls are the functions of time that read the clock or wait by it.
var clockCalls = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func TestNothingIsTooLargeToRead(t *testing.T) {
	methods, lines := map[string]int{}, map[string]int{}
	for path, f := range sources(t) {
		room := filepath.Dir(path)
		n := f.set.File(f.tree.Pos()).LineCount()
		lines[room] += n
		if n > maxFileLines {
			t.Errorf("%s has %d lines, %d are enough for one thought", path, n, maxFileLines)
		}
		for _, decl := range f.tree.Decls {
			if fn, is := decl.(*ast.FuncDecl); is && fn.Recv != nil {
				methods[room+"."+receiver(fn)]++
			}
		}
	}
	for what, n := range methods {
		if n > maxMethods {
			t.Errorf("%s has %d methods, at most %d are read as one thing", what, n, maxMethods)
		}
	}
	for room, n := range lines {
		if n > maxPackageLines {
			t.Errorf("%s has %d lines without its tests, at most %d are one room", room, n, maxPackageLines)
		}
	}
}

func TestWhatDecidesIsHandedTheTime(t *testing.T) {
	reads := map[string]bool{}
	for path, f := range sources(t) {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			sel, is := n.(*ast.SelectorExpr)
			if !is {
				return true
			}
			if pkg, is := sel.X.(*ast.Ident); is && pkg.Name == "time" && slices.Contains(clockCalls, sel.Sel.Name) {
				reads[path] = true
				if slices.Contains(realTime, path) {
					return true
				}
				t.Errorf("%s: time.%s: take the time from whoever calls, or list this file in shape_test.go if it talks to what goes by the real clock", f.set.Position(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
	for _, path := range realTime {
		if !reads[path] {
			t.Errorf("%s never reads the clock: take it off the list", path)
		}
	}
}

type source struct {
	set  *token.FileSet
	tree *ast.File
}

// sources are the Go files of the tree by path, without tests and test programs.
func sources(t *testing.T) map[string]source {
	t.Helper()
	all := map[string]source{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		all[filepath.ToSlash(path)] = source{set: set, tree: tree}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d files were read", len(all))
	}
	return all
}

func receiver(fn *ast.FuncDecl) string {
	of := fn.Recv.List[0].Type
	for {
		switch x := of.(type) {
		case *ast.StarExpr:
			of = x.X
		case *ast.IndexExpr:
			of = x.X
		case *ast.IndexListExpr:
			of = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
