package platforms

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A row without one of its parts is no platform.
func TestListIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All {
		t.Run(e.Name, func(t *testing.T) {
			if e.Name == "" || e.Help == "" || e.AgentSystem == "" || e.New == nil || e.Find == nil || e.Needs == nil || e.Doctor == nil || seen[e.Name] {
				t.Fatalf("%+v", e)
			}
			seen[e.Name] = true
			if found, err := Find(e.Name); err != nil || found.Name != e.Name {
				t.Errorf("found %q, %v", found.Name, err)
			}
			p, err := e.New(Options{Fleet: topology.Fleet{Name: "list", Regions: []topology.Region{{Name: "a"}}}, StateDir: t.TempDir(), Agent: "agent"})
			if err != nil {
				t.Fatal(err)
			}
			for _, op := range fleet.Ops {
				if err := p.Can(op); err != nil && !errors.Is(err, fleet.ErrCannot) {
					t.Errorf("%s: %v", op, err)
				}
			}
			if err := p.Can("melt"); !errors.Is(err, fleet.ErrCannot) {
				t.Errorf("an op that is none: %v", err)
			}
		})
	}
	if _, err := Find("cloud"); err == nil || !strings.Contains(err.Error(), strings.Join(Names(), " or ")) {
		t.Errorf("an unknown platform: %v", err)
	}
}

// Who gives up while a platform is looked for has not chosen the next one.
func TestBestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if e, err := Best(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("chose %q, %v", e.Name, err)
	}
}

// Where no container engine is installed there is still a platform.
func TestBestWithoutAnEngine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if e, err := Best(t.Context()); err != nil || e.Outlives {
		t.Errorf("chose %q, %v", e.Name, err)
	}
}

// elsewhere is the paths below which the words stand for something else than a platform.
var elsewhere = map[string]string{
	"drill/store/postgres/":       "a value of PostgreSQL's synchronous_commit",
	"drill/fleet/kindfleet/":      "the platform's own name, and that of kind's network",
	"drill/fleet/kube/access.go":  "a field of Kubernetes' objects",
	"drill/clusterconfig/":        "a field of Kubernetes' and kind's objects",
	"drill/scenario/fleetfile.go": "a key of fleet files",
	"drill/scenario/kind.go":      "a key of fleet files",
	"drill/scenario/gateways/":    "a key of fleet files",
	"drill/config/":               "a field of Kubernetes' objects, and what kind of drift it is",
	"drill/action/config.go":      "what kind of drift it is",
	"drill/fleet/localfleet/":     "the platform's own name",
	"tui/host.go":                 "the screen's own list",
}

func exempt(path string) bool {
	for below := range elsewhere {
		if strings.HasPrefix(path, below) {
			return true
		}
	}
	return false
}

// Nobody but the list and the platforms themselves writes a platform's name.
func TestNoPlatformIsNamedElsewhere(t *testing.T) {
	root, names := filepath.Join("..", "..", ".."), Names()
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err == nil && slices.Contains(names, text) && !exempt(filepath.ToSlash(rel)) {
				t.Errorf("%s names the platform %q; loop over platforms.All, or take a name", set.Position(lit.Pos()), text)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("looked at %d files, %v", files, err)
	}
}
