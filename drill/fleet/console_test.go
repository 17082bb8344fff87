package fleet

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A command is printed so that a shell makes the same words of it again.
func TestACommandIsWhatAShellReads(t *testing.T) {
	words := Command{"printf", "%s\n", "plain-word_1.2:3@x", "two words", "it's", `a"b$c`, "", "FOO=bar", "zürich", "*"}
	out, err := exec.Command("sh", "-c", words.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words[2:], "\n")+"\n"; got != want {
		t.Errorf("a shell makes %q of %s, want %q", got, words, want)
	}
	if got := (Command{"psql", "a"}).String(); got != "psql a" {
		t.Errorf("what needs no quotes is %s", got)
	}
}

func TestWhoHasAServer(t *testing.T) {
	for _, tt := range []struct {
		d      topology.Dataset
		region string
		says   string
	}{
		{topology.Dataset{Name: "orders", Engine: "postgres", Regions: []string{"a", "b"}}, "a", ""},
		{topology.Dataset{Name: "orders", Engine: "postgres", Regions: []string{"a", "b"}}, "c", "c keeps no replica of orders; name one of a, b"},
		{topology.Dataset{Name: "orders", Engine: "log", Regions: []string{"a"}}, "a", "orders has the engine log, in the region's agent"},
		{topology.Dataset{Name: "orders", Regions: []string{"a"}}, "a", "has the engine log"},
	} {
		err := HasServer(tt.d, tt.region)
		if tt.says == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if !errors.Is(err, ErrCannot) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v, want %q", err, tt.says)
		}
	}
}
