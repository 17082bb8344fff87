package fleetdrill_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// words are the design's, each of which the glossary defines.
var words = []string{
	"failover controller", "authority", "replica", "lease", "epoch", "fence", "durability", "switchover", "failover", "rejoin",
	"failback", "diverged tail", "split brain", "quorum", "lag", "region", "platform", "link", "partition", "brownout",
	"population", "resolver", "TTL", "history", "blast radius", "affected", "egress", "preload", "event bus", "command queue",
	"plan runner", "dry run", "prediction", "impact", "RTO", "RPO", "steady", "threshold", "at risk", "recovery",
}

// The glossary has every word once, every measure, every objective and every kind of event.
func TestGlossaryIsComplete(t *testing.T) {
	raw, err := os.ReadFile("docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(raw)), " ")
	for _, word := range words {
		if n := strings.Count(text, "**"+word+"**"); n != 1 {
			t.Errorf("%q is defined %d times", word, n)
		}
	}
	for _, o := range verdict.All {
		if !strings.Contains(text, "`"+o.Name+"`") {
			t.Errorf("objective %s has no entry", o.Name)
		}
	}
	for _, kind := range drill.Kinds() {
		if !strings.Contains(text, "`"+kind+"`") {
			t.Errorf("event %s has no entry", kind)
		}
	}
	for _, name := range functions(t, "drill/measure") {
		if !strings.Contains(text, "`measure."+name+"`") {
			t.Errorf("measure.%s has no entry", name)
		}
	}
	for _, name := range functions(t, "drill/measure/cost") {
		if !strings.Contains(text, "`cost."+name+"`") {
			t.Errorf("cost.%s has no entry", name)
		}
	}
}

// functions are a package's exported functions.
func functions(t *testing.T, dir string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseDir(token.NewFileSet(), dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parsed {
		for _, file := range p.Files {
			for _, d := range file.Decls {
				if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && f.Name.IsExported() {
					names = append(names, f.Name.Name)
				}
			}
		}
	}
	if len(names) == 0 {
		t.Errorf("%s has no functions", dir)
	}
	return names
}
