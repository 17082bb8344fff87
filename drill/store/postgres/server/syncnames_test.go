package server

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestSyncNames(t *testing.T) {
	async, pinned, quorum := topology.Durability{Mode: topology.ModeAsync}, topology.Durability{Mode: topology.ModePinned}, topology.Durability{Mode: topology.ModeQuorum}
	with := func(region string) topology.Durability {
		return topology.Durability{Mode: topology.ModeSync, With: region}
	}
	three, five := []string{"a", "eu-west", "c"}, []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct {
		durabilities []topology.Durability
		regions      []string
		want         string
	}{
		{[]topology.Durability{async}, three, Nobody},
		{[]topology.Durability{pinned}, three, Nobody},
		{[]topology.Durability{quorum}, []string{"a"}, Nobody}, // of one, itself is the majority
		{[]topology.Durability{with("eu-west")}, three, `ANY 1 ("eu-west")`},
		{[]topology.Durability{quorum}, three, `ANY 1 ("eu-west", "c")`},
		{[]topology.Durability{quorum}, five, `ANY 2 ("b", "c", "d", "e")`},
		// While a mode is switched both durabilities hold.
		{[]topology.Durability{async, with("c")}, three, `ANY 1 ("c")`},
		{[]topology.Durability{with("eu-west"), with("c")}, three, `ANY 2 ("eu-west", "c")`},
		{[]topology.Durability{quorum, with("c")}, three, `ANY 1 ("c")`},
		{[]topology.Durability{with("b"), quorum}, five, `ANY 4 ("b", "c", "d", "e")`},
	} {
		if got := SyncNames(c.durabilities, "a", c.regions); got != c.want {
			t.Errorf("%v of %v: %s, want %s", c.durabilities, c.regions, got, c.want)
		}
	}
}
