package postgres

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

func TestSyncNames(t *testing.T) {
	async, pinned, quorum := drill.Durability{Mode: drill.ModeAsync}, drill.Durability{Mode: drill.ModePinned}, drill.Durability{Mode: drill.ModeQuorum}
	with := func(region string) drill.Durability { return drill.Durability{Mode: drill.ModeSync, With: region} }
	three, five := []string{"a", "eu-west", "c"}, []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct {
		durabilities []drill.Durability
		regions      []string
		want         string
	}{
		{[]drill.Durability{async}, three, server.Nobody},
		{[]drill.Durability{pinned}, three, server.Nobody},
		{[]drill.Durability{quorum}, []string{"a"}, server.Nobody}, // of one, itself is the majority
		{[]drill.Durability{with("eu-west")}, three, `ANY 1 ("eu-west")`},
		{[]drill.Durability{quorum}, three, `ANY 1 ("eu-west", "c")`},
		{[]drill.Durability{quorum}, five, `ANY 2 ("b", "c", "d", "e")`},
		// While a mode is switched both durabilities hold.
		{[]drill.Durability{async, with("c")}, three, `ANY 1 ("c")`},
		{[]drill.Durability{with("eu-west"), with("c")}, three, `ANY 2 ("eu-west", "c")`},
		{[]drill.Durability{quorum, with("c")}, three, `ANY 1 ("c")`},
		{[]drill.Durability{with("b"), quorum}, five, `ANY 4 ("b", "c", "d", "e")`},
	} {
		if got := syncNames(c.durabilities, "a", c.regions); got != c.want {
			t.Errorf("%v of %v: %s, want %s", c.durabilities, c.regions, got, c.want)
		}
	}
}
