package fleetdrill_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated parts of docs anew")

const architecture = "docs/architecture.md"

// TestLimitsAreListed holds the table of time limits complete: every constant that is
// written as a number of seconds, minutes or the like, where it lives, and what its
// comment says of it.
func TestLimitsAreListed(t *testing.T) {
	var rows []string
	for _, root := range []string{"cmd", "drill", "tui"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.Contains(p, "testdata") {
				return err
			}
			found, pointless, err := limits(filepath.ToSlash(p))
			rows = append(rows, found...)
			for _, name := range pointless {
				t.Errorf("%s has no purpose: say in its comment what it bounds", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(rows) < 20 {
		t.Fatalf("found only %d limits", len(rows))
	}
	slices.Sort(rows)
	generated(t, "limits", "| file | limit | is | what it bounds |\n|---|---|---|---|\n"+strings.Join(rows, ""))
}

// TestRoomsAreListed holds the table of rooms complete: what each holds, as its package
// comment says, and what it imports of ours, from the ground up.
func TestRoomsAreListed(t *testing.T) {
	var rows []string
	for _, r := range house {
		room := r.room
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		holds := ""
		for _, file := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if tree.Doc != nil && !strings.HasSuffix(file, "_test.go") {
				holds = strings.TrimPrefix(new(doc.Package).Synopsis(tree.Doc.Text()), "Package "+tree.Name.Name+" ")
			}
		}
		if holds == "" {
			t.Errorf("room %s has no package comment", room)
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", room, cell(holds), strings.Join(r.imports, ", ")))
	}
	generated(t, "rooms", "| room | holds | imports |\n|---|---|---|\n"+strings.Join(rows, ""))
}

// generated compares a part of the architecture page with what the code says, or writes
// it anew with -update.
func generated(t *testing.T, part, want string) {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+part+": written by make docs -->\n", "<!-- end of "+part+" -->\n"
	head, rest, begun := strings.Cut(string(text), begin)
	has, tail, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("%s has no part between %q and %q", architecture, begin, end)
	}
	if has == want {
		return
	}
	if !*update {
		t.Errorf("the %s in %s are not those of the code; run \"make docs\"", part, architecture)
		return
	}
	if err := os.WriteFile(architecture, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "/") }

// limits are the rows of a file's duration constants, and those of which no comment says what
// they are for.
func limits(file string) (rows, pointless []string, err error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.ParseComments)
	if err != nil {
		return nil, nil, err
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		decl, ok := n.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			return true
		}
		var shared string // the last comment, which may be about several constants
		for _, spec := range decl.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			if v.Doc != nil {
				shared = v.Doc.Text()
			}
			for i, name := range v.Names {
				if i < len(v.Values) && isDuration(v.Values[i]) {
					why := purpose(name.Name, v, decl, shared)
					if why == "" {
						pointless = append(pointless, file+" "+name.Name)
					}
					rows = append(rows, fmt.Sprintf("| %s | `%s` | %s | %s |\n", file, name.Name, value(set, v.Values[i]), why))
				}
			}
		}
		return true
	})
	return rows, pointless, nil
}

// isDuration reports whether an expression is made of units of package time.
func isDuration(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return isDuration(e.X) || isDuration(e.Y)
	case *ast.ParenExpr:
		return isDuration(e.X)
	case *ast.SelectorExpr:
		pkg, ok := e.X.(*ast.Ident)
		return ok && pkg.Name == "time" && slices.Contains([]string{"Microsecond", "Millisecond", "Second", "Minute", "Hour"}, e.Sel.Name)
	}
	return false
}

var units = strings.NewReplacer(" * time.Microsecond", " µs", " * time.Millisecond", " ms", " * time.Second", " s", " * time.Minute", " min", " * time.Hour", " h",
	"time.Microsecond", "1 µs", "time.Millisecond", "1 ms", "time.Second", "1 s", "time.Minute", "1 min", "time.Hour", "1 h")

func value(set *token.FileSet, e ast.Expr) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, set, e) // a buffer takes everything
	return units.Replace(b.String())
}

// purpose is the first sentence of a constant's comment, without its name; where it has
// none, what the comment of one before it says of it by name.
func purpose(name string, v *ast.ValueSpec, decl *ast.GenDecl, shared string) string {
	text := v.Comment.Text()
	if v.Doc != nil {
		text = v.Doc.Text()
	}
	if text == "" && decl.Doc != nil {
		text = decl.Doc.Text()
	}
	if _, clause, named := strings.Cut(shared, name); text == "" && named {
		text = strings.TrimSpace(clause)
	}
	text = strings.Join(strings.Fields(text), " ")
	text, _, _ = strings.Cut(text, ". ")
	text = strings.TrimSuffix(text, ".")
	text = strings.TrimPrefix(strings.TrimPrefix(text, name+" "), "is ")
	return cell(text)
}

// TestShippedDrillsAreInTheReadme holds that who reads the README finds every drill that ships.
func TestShippedDrillsAreInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("kindconfigs/drills/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d drills: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		engine, other := strings.CutSuffix(name, "-postgres") // `failback` (`-postgres`)
		if !strings.Contains(string(readme), "`"+engine+"`") || other && !strings.Contains(string(readme), "`"+engine+"` (`-postgres`)") {
			t.Errorf("README.md does not name the drill %s", name)
		}
	}
	held, err := filepath.Glob("kindconfigs/comparisons/*.yaml")
	if err != nil || len(held) == 0 {
		t.Fatalf("%d comparisons: %v", len(held), err)
	}
	for _, file := range held {
		if name := strings.TrimSuffix(filepath.Base(file), ".yaml"); !strings.Contains(string(readme), "| `"+name+"` |") {
			t.Errorf("README.md has no row of the comparison %s", name)
		}
	}
}
