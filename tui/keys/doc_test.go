package keys

import (
	"flag"
	"os"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action"
)

var update = flag.Bool("update", false, "write docs/keys.md anew")

// TestDocsAreFresh holds that docs/keys.md is what the table says.
func TestDocsAreFresh(t *testing.T) {
	const path = "../../docs/keys.md"
	want := New(action.All).Markdown()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; `go test ./tui/keys -update` writes it", err)
	}
	if string(got) != want {
		t.Fatalf("docs/keys.md is stale; `go test ./tui/keys -update` writes it anew. It should be\n%s", want)
	}
}
