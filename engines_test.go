package fleetdrill_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// No engine is told by its name outside its own package and the list of engines: what
// others have to know of it is a fact of its row. Tests may name one.
func TestNoEngineIsComparedByName(t *testing.T) {
	names := map[string]string{}
	for _, e := range store.Engines() {
		names[`"`+e.Name+`"`] = filepath.Join("drill", "store", e.Name)
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if path == filepath.Join("drill", "store", "engines.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		look := func(e ast.Expr) {
			l, ok := e.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return
			}
			if own, is := names[l.Value]; is && !strings.HasPrefix(path, own) {
				t.Errorf("%s names the engine %s: ask its row in drill/store/engines.go", set.Position(l.Pos()), l.Value)
			}
		}
		// A flag may be called --log: only what is compared, listed, or kept by name counts.
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				look(n.X)
				look(n.Y)
			case *ast.CaseClause:
				for _, e := range n.List {
					look(e)
				}
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					look(e)
				}
			case *ast.KeyValueExpr:
				look(n.Key)
				look(n.Value)
			case *ast.ValueSpec:
				for _, e := range n.Values {
					look(e)
				}
			case *ast.AssignStmt:
				for _, e := range n.Rhs {
					look(e)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every engine of the list has what opens its replicas, and nothing else has.
func TestEveryEngineIsOpened(t *testing.T) {
	opened, listed := slices.Sorted(maps.Keys(agent.DefaultEngines())), slices.Sorted(slices.Values(store.EngineNames()))
	if !slices.Equal(opened, listed) {
		t.Errorf("the agent opens %v, drill/store/engines.go lists %v", opened, listed)
	}
}
