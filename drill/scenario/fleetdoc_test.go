package scenario

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// docDefaults is what a file that leaves a field out gets, as docs/fleet-file.md has it.
var docDefaults = map[string]string{
	"a population/timeout": strict.Written(topology.DefaultRequestTimeout),
	"a population/slow":    strict.Written(topology.DefaultSlow),
	"a population/reads":   topology.ReadsNearest,
	"a dataset/engine":     store.DefaultEngine,
	"routing/policy":       policy.Default().Name,
	"routing/entry":        topology.EntryDNS,
	"routing/dns_ttl":      strict.Written(topology.DefaultDNSTTL),
	"a probe/every":        strict.Written(topology.DefaultProbe.Every),
	"a probe/timeout":      strict.Written(topology.DefaultProbe.Timeout),
	"a probe/down_after":   strconv.Itoa(topology.DefaultProbe.DownAfter),
	"a probe/up_after":     strconv.Itoa(topology.DefaultProbe.UpAfter),
	"discovery/ttl":        strict.Written(topology.DefaultDiscoveryTTL),
	"discovery/cache":      topology.CacheTTL,
	"identity/trust":       topology.TrustFederated,
	"identity/svid_ttl":    strict.Written(topology.DefaultSVIDTTL),
	"failover/decide":      topology.DecideAuto,
	"failover/fence":       "true",
	"failover/preflight":   topology.PreflightWarn,
	"failover/lease":       strict.Written(topology.DefaultLease),
	"the hub/name":         topology.DefaultHub,
	"web/replicas":         strconv.Itoa(defaultWebs),
	"web/queue":            strict.Written(topology.DefaultQueue),
	"config/mode":          topology.ConfigPull,
	"config/every":         strict.Written(topology.DefaultConfigEvery),
	"config/serve_stale":   "true",
	"a gate/success":       "99%",
	"a gate/for":           strict.Written(topology.DefaultConfigGate.For),
	"retries/backoff":      strict.Written(topology.DefaultBackoff),
}

// The page about fleet files has every field that a file may have, in the reader's own
// order, each with its default or that it is required.
func TestThePageOfTheFleetFileIsComplete(t *testing.T) {
	var read []string
	for _, name := range []string{"fleetfile.go", "dataset.go", "domain.go", "retries.go", "routing.go", "configfile/configfile.go", filepath.Join("gateways", "discovery.go"), filepath.Join("gateways", "identity.go")} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if what, keys := mappingOf(n); keys != nil {
				for _, k := range keys.Elts {
					fields := k.(*ast.CompositeLit).Elts
					key := what + "/" + unquoted(fields[0])
					if literal, is := fields[2].(*ast.BasicLit); !is || literal.Value != `""` {
						read = append(read, key+" required")
					} else if d, has := docDefaults[key]; has {
						read = append(read, key+" "+d)
					} else {
						read = append(read, key+" –")
					}
				}
			}
			return true
		})
	}
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "fleet-file.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| `([a-z_]+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$")
	var told []string
	section := ""
	for line := range strings.SplitSeq(string(raw), "\n") {
		if title, is := strings.CutPrefix(line, "## "); is {
			section = title
		} else if m := row.FindStringSubmatch(line); m != nil {
			told = append(told, fmt.Sprintf("%s/%s %s", section, m[1], m[3]))
		}
	}
	// Sections may stand in another order than they are read in, their fields may not.
	for _, list := range [][]string{read, told} {
		slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(strings.Split(a, "/")[0], strings.Split(b, "/")[0]) })
	}
	if !reflect.DeepEqual(read, told) {
		t.Errorf("docs/fleet-file.md has\n%s\nand a file is read with\n%s", strings.Join(told, "\n"), strings.Join(read, "\n"))
	}
}

// mappingOf is the keys of a call of mapping, and what they are of; nil for every other node.
func mappingOf(n ast.Node) (what string, keys *ast.CompositeLit) {
	call, is := n.(*ast.CallExpr)
	if !is || len(call.Args) < 3 {
		return "", nil
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr: // of a reader
		is = f.Sel.Name == "mapping" && len(call.Args) == 3
	case *ast.Ident: // of a room below, which names its source first
		is = f.Name == "mapping" && len(call.Args) == 4
	}
	if !is {
		return "", nil
	}
	last := len(call.Args) - 1
	keys, _ = call.Args[last].(*ast.CompositeLit)
	return unquoted(call.Args[last-1]), keys
}

func unquoted(e ast.Expr) string {
	text, _ := strconv.Unquote(e.(*ast.BasicLit).Value)
	return text
}
