package host

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestPostgresIn(t *testing.T) {
	all := []string{"postgres", "initdb", "pg_basebackup", "pg_rewind"}
	folder := func(version string, programs ...string) string {
		dir := t.TempDir()
		for _, p := range programs {
			if err := os.WriteFile(filepath.Join(dir, p), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+version+"'\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	old, part, whole := folder("14.9", all...), folder("16.1", "postgres", "initdb"), folder("15.8 (Debian 15.8-0+deb12u1)", all...)
	tests := []struct {
		name string
		path []string
		ok   bool
		want []string
	}{
		{"whole", []string{whole}, true, []string{"15.8", whole}},
		{"behind those that do not do", []string{"/nowhere", old, part, whole}, true, []string{"15.8", whole}},
		{"too old", []string{old}, false, []string{"14.9", "older than 15"}},
		{"some programs missing", []string{part}, false, []string{"lacks pg_basebackup, pg_rewind"}},
		{"none", nil, false, []string{"not found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := postgresIn(tt.path)
			if f.OK != tt.ok || f.OK == (f.Mend != "") {
				t.Errorf("%+v", f)
			}
			for _, w := range tt.want {
				if !strings.Contains(f.Found, w) {
					t.Errorf("found %q, want it to say %q", f.Found, w)
				}
			}
		})
	}
}

// What doctor looks for is what the engine runs, found where the engine looks. The
// engine's lists are read from its source: this room may import nothing of ours.
func TestPostgresIsWhatTheEngineUses(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "store", "postgres", "programs.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lists [][]string
	ast.Inspect(file, func(n ast.Node) bool {
		list, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var texts []string
		for _, e := range list.Elts {
			if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
				text, _ := strconv.Unquote(l.Value) // the parser took it
				texts = append(texts, text)
			}
		}
		lists = append(lists, texts)
		return true
	})
	for _, want := range [][]string{postgresPrograms, postgresPlaces} {
		if !slices.ContainsFunc(lists, func(l []string) bool { return slices.Equal(l, want) }) {
			t.Errorf("the engine has no list like doctor's %q, only %q", want, lists)
		}
	}
}

func TestProcessors(t *testing.T) {
	if f := processorFinding("3 regions", 3, 2); f.OK || f.Mend == "" || !strings.Contains(f.Found, "2, about 3 needed") {
		t.Errorf("%+v", f)
	}
	if f := processorFinding("3 regions", 2, 2); !f.OK || f.Mend != "" {
		t.Errorf("%+v", f)
	}
}
