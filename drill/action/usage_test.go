package action

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/actions.md anew")

// The page is the list: an action without its row is one that nobody finds.
func TestTheDocIsTheList(t *testing.T) {
	const page = "../../docs/actions.md"
	if *update {
		if err := os.WriteFile(page, []byte(Doc()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != Doc() {
		t.Errorf("docs/actions.md is not what the list says (%v); go test ./drill/action -update writes it", err)
	}
	for _, a := range All {
		if !strings.Contains(Help(), "  "+string(a.Verb)+" ") {
			t.Errorf("--help does not list %s", a.Verb)
		}
	}
}
