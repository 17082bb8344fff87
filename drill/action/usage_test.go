package action

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action/param"
)

var update = flag.Bool("update", false, "write docs/actions.md anew")

// The page is the list: an action without its row is one that nobody finds.
func TestTheDocIsTheList(t *testing.T) {
	const page = "../../docs/actions.md"
	if *update {
		if err := os.WriteFile(page, []byte(doc()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != doc() {
		t.Errorf("docs/actions.md is not what the list says (%v); go test ./drill/action -update writes it", err)
	}
	for _, a := range All {
		if !strings.Contains(Help(), "  "+string(a.Verb)+" ") {
			t.Errorf("--help does not list %s", a.Verb)
		}
	}
}

// doc is docs/actions.md: every action as a table.
func doc() string {
	var b strings.Builder
	b.WriteString("# Actions\n\nWritten from the list in `drill/action`; `go test ./drill/action -update` writes it anew.\n\n" +
		"| `do:` | takes | what it does | key | taken back by |\n|---|---|---|---|---|\n")
	for _, a := range All {
		key, undo := a.Words.Key, string(a.Undo)
		if key != "" {
			key = "`" + key + "`"
		}
		if undo != "" {
			undo = "`" + undo + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", a.Verb, param.Usage(a.Params), a.Words.Help, key, undo)
	}
	return b.String()
}
