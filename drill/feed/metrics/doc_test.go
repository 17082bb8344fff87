package metrics

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

var update = flag.Bool("update", false, "write the list in docs/feeds.md anew")

// TestTheDocIsTheList holds that docs/feeds.md lists what is served.
func TestTheDocIsTheList(t *testing.T) {
	const path, begin, end = "../../../docs/feeds.md", "<!-- metrics: written by make docs -->\n", "<!-- end of metrics -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(text), begin)
	list, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no place for the list", path)
	}
	var want strings.Builder
	want.WriteString("| metric | type | what |\n|---|---|---|\n")
	for _, f := range families {
		name := namespace + "_" + f.name
		if len(f.labels) > 0 {
			name += "{" + strings.Join(f.labels, ", ") + "}"
		}
		kind := "gauge"
		if f.kind == prometheus.CounterValue {
			kind = "counter"
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", name, kind, f.help)
	}
	if list == want.String() {
		return
	}
	if !*update {
		t.Fatalf("%s is not what is served: make docs", path)
	}
	if err := os.WriteFile(path, []byte(before+begin+want.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
