package action

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// The README's table of steps has every action, with every key that a file may write it with.
func TestTheReadmeHasEveryStep(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(raw), "| step | keys |\n|---|---|\n")
	if !found {
		t.Fatal("README.md has no table of steps")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	word := regexp.MustCompile(`[a-z_][a-z_-]*`)
	var told []string
	for row := range strings.SplitSeq(table, "\n") {
		verbs, keys, _ := strings.Cut(strings.Trim(row, "|"), "|")
		for _, verb := range word.FindAllString(verbs, -1) {
			told = append(told, verb)
			a, known := Find(runbook.Verb(verb))
			if !known {
				t.Errorf("README.md has a step %s, which there is none of", verb)
				continue
			}
			for _, p := range a.Params {
				for _, key := range p.Keys() {
					if !slices.Contains(word.FindAllString(keys, -1), key) {
						t.Errorf("README.md does not say that %s takes %s", verb, key)
					}
				}
			}
		}
	}
	for _, a := range All {
		if !slices.Contains(told, string(a.Verb)) {
			t.Errorf("README.md lacks the step %s", a.Verb)
		}
	}
}
