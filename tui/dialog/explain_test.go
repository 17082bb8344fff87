package dialog

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/docs"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// TestEveryPaneIsExplained holds that each pane and page names words, and that the glossary has
// each of them.
func TestEveryPaneIsExplained(t *testing.T) {
	for id := pane.First; id <= pane.Last; id++ {
		if len(paneWords[id]) == 0 {
			t.Errorf("the pane %s explains no word", id.Name())
		}
	}
	for _, p := range []keys.Page{keys.PageStart, keys.PageBringUp, keys.PageResult} {
		if len(pageWords[p]) == 0 {
			t.Errorf("page %d explains no word", p)
		}
	}
	for name, words := range paneWords {
		for _, word := range words {
			if _, found := docs.Define(word); !found {
				t.Errorf("%s: the glossary has no %q", name.Name(), word)
			}
		}
	}
	for _, words := range pageWords {
		for _, word := range words {
			if _, found := docs.Define(word); !found {
				t.Errorf("the glossary has no %q", word)
			}
		}
	}
}
