package fleetdrill_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestListsAreComplete holds the lists of files in architecture.md against the syntax
// trees: a page, pane, dialog or report format without its file, or the other way round, fails.
func TestListsAreComplete(t *testing.T) {
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []struct {
		row, dir string
		declares func(*ast.FuncDecl) bool
	}{
		// A page takes the footer, or is the one that stands alone; a footer is no page.
		{"pages", "tui/page tui/page/compared tui/page/result tui/page/start", func(f *ast.FuncDecl) bool {
			return f.Name.IsExported() && takes(f, "Now") && ownerOf(f) != "Footer"
		}},
		{"panes", "tui/pane", draws(t)},
		{"dialogs", "tui/dialog", func(f *ast.FuncDecl) bool {
			return f.Name.Name == "Draw" && f.Recv != nil && takes(f, "Context")
		}},
		{"report formats", "drill/report drill/report/single", func(f *ast.FuncDecl) bool {
			return f.Name.IsExported() && takes(f, "Writer")
		}},
		{"comparison formats", "drill/report/compared", func(f *ast.FuncDecl) bool {
			return f.Name.IsExported() && takes(f, "Writer")
		}},
	} {
		var has []string
		for dir := range strings.FieldsSeq(kind.dir) {
			for path, file := range trees(t, dir) {
				for _, d := range file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && kind.declares(f) {
						has = append(has, path)
					}
				}
			}
		}
		slices.Sort(has)
		has = slices.Compact(has)
		_, row, found := strings.Cut(string(text), "\n| "+kind.row+" | ")
		if !found {
			t.Errorf("%s has no row of %s", architecture, kind.row)
			continue
		}
		row, _, _ = strings.Cut(row, "\n")
		var listed []string
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row, -1) {
			listed = append(listed, m[1])
		}
		slices.Sort(listed)
		if len(has) == 0 || !slices.Equal(has, listed) {
			t.Errorf("%s: %s lists %q, the code has %q", kind.row, architecture, listed, has)
		}
	}
}

// draws reports whether a function draws a pane of the list in tui/pane/view.go.
func draws(t *testing.T) func(*ast.FuncDecl) bool {
	t.Helper()
	var names []string
	ast.Inspect(trees(t, "tui/pane")["tui/pane/view.go"], func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != "panes" {
			return true
		}
		for _, row := range v.Values[0].(*ast.CompositeLit).Elts {
			fields := row.(*ast.KeyValueExpr).Value.(*ast.CompositeLit).Elts
			names = append(names, fields[len(fields)-1].(*ast.Ident).Name)
		}
		return false
	})
	return func(f *ast.FuncDecl) bool { return f.Recv == nil && slices.Contains(names, f.Name.Name) }
}

// trees are the files of a folder without its tests, by their path.
func trees(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.ToSlash(path)] = file
	}
	return files
}

// takes reports whether a function has a parameter of a type by that name, of whatever package,
// and draws or writes: it has an area or a writer too.
func takes(f *ast.FuncDecl, name string) bool {
	area := name == "Writer"
	is := false
	for _, p := range f.Type.Params.List {
		is = is || typeName(p.Type) == name
		area = area || typeName(p.Type) == "Area"
	}
	return is && area
}

func ownerOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	return typeName(f.Recv.List[0].Type)
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// namesVerbs lists the files that may ask for a verb or a fault by its name, each with why,
// beside the list of actions. Whoever predicts, tells or draws asks the effect (runbook.Effect), which every action's row
// and every fault has.
var namesVerbs = map[string]string{
	"drill/runbook/command.go":            "has the verbs",
	"drill/command.go":                    "keeps notes and waits out of the timeline",
	"drill/fault.go":                      "has the faults",
	"drill/action/rule/region.go":         "names the command that a refusal sends its reader to",
	"drill/action/rule/dataset.go":        "names the command that a refusal sends its reader to",
	"drill/legacy/legacy.go":              "completes the faults of older journals",
	"drill/controller/command.go":         "carries out the commands that are about data: it is the far side of the port Data",
	"drill/controller/refusal.go":         "says what it does already, as a command",
	"drill/controller/refusal/refusal.go": "says by command what refuses it now, and names one that is under way",
	"drill/engine/scaleup.go":             "sends the one command that follows from a failover",
}

// TestNobodyAsksAVerbByName holds that what an action or a fault does is asked as data.
func TestNobodyAsksAVerbByName(t *testing.T) {
	constants := map[string]bool{}
	for _, path := range []string{"drill/runbook/command.go", "drill/fault.go"} {
		for _, decl := range sources(t)[path].tree.Decls {
			if g, is := decl.(*ast.GenDecl); is && g.Tok == token.CONST {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					if of := typeName(v.Type); of == "Verb" || of == "FaultKind" {
						constants[v.Names[0].Name] = true
					}
				}
			}
		}
	}
	if len(constants) < 15 {
		t.Fatalf("found only %d verbs and faults", len(constants))
	}
	asks := map[string]bool{}
	for path, f := range sources(t) {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			var name string
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if pkg, is := n.X.(*ast.Ident); is && (pkg.Name == "drill" || pkg.Name == "runbook") && constants[n.Sel.Name] {
					name = pkg.Name + "." + n.Sel.Name
				}
			case *ast.Ident:
				if (filepath.Dir(path) == "drill" || filepath.Dir(path) == "drill/runbook") && constants[n.Name] {
					name = n.Name
				}
			case *ast.SwitchStmt:
				if of := fieldName(n.Tag); of != "Verb" && of != "Fault" {
					break
				}
				for _, c := range n.Body.List {
					for _, e := range c.(*ast.CaseClause).List {
						if text, is := e.(*ast.BasicLit); is {
							name = text.Value
						}
					}
				}
			case *ast.BinaryExpr:
				if text, is := n.Y.(*ast.BasicLit); is && (fieldName(n.X) == "Verb" || fieldName(n.X) == "Fault") && text.Kind == token.STRING && text.Value != `""` {
					name = text.Value
				}
			}
			if name == "" {
				return true
			}
			asks[path] = true
			if _, may := namesVerbs[path]; !may && filepath.Dir(path) != "drill/action" {
				t.Errorf("%s asks for %s by name: ask what it does (runbook.Effect, or a field of its row)", f.set.Position(n.Pos()), name)
			}
			return true
		})
	}
	for path := range namesVerbs {
		if !asks[path] {
			t.Errorf("%s asks for no verb by name: take it off the list", path)
		}
	}
}

func fieldName(e ast.Expr) string {
	if s, is := e.(*ast.SelectorExpr); is {
		return s.Sel.Name
	}
	return ""
}
