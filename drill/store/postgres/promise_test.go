package postgres

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

func TestSyncNames(t *testing.T) {
	async, pinned, quorum := drill.Promise{Mode: drill.ModeAsync}, drill.Promise{Mode: drill.ModePinned}, drill.Promise{Mode: drill.ModeQuorum}
	with := func(region string) drill.Promise { return drill.Promise{Mode: drill.ModeSync, With: region} }
	three, five := []string{"a", "eu-west", "c"}, []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct {
		promises []drill.Promise
		regions  []string
		want     string
	}{
		{[]drill.Promise{async}, three, nobodyYet},
		{[]drill.Promise{pinned}, three, nobodyYet},
		{[]drill.Promise{quorum}, []string{"a"}, nobodyYet}, // of one, itself is the majority
		{[]drill.Promise{with("eu-west")}, three, `ANY 1 ("eu-west")`},
		{[]drill.Promise{quorum}, three, `ANY 1 ("eu-west", "c")`},
		{[]drill.Promise{quorum}, five, `ANY 2 ("b", "c", "d", "e")`},
		// While a mode is switched both promises hold.
		{[]drill.Promise{async, with("c")}, three, `ANY 1 ("c")`},
		{[]drill.Promise{with("eu-west"), with("c")}, three, `ANY 2 ("eu-west", "c")`},
		{[]drill.Promise{quorum, with("c")}, three, `ANY 1 ("c")`},
		{[]drill.Promise{with("b"), quorum}, five, `ANY 4 ("b", "c", "d", "e")`},
	} {
		if got := syncNames(c.promises, "a", c.regions); got != c.want {
			t.Errorf("%v of %v: %s, want %s", c.promises, c.regions, got, c.want)
		}
	}
}
