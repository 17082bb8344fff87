package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
)

// A split brain that grows is told of once a second, each write once, and at the end of
// the drill all that is left.
func TestASplitThatGrowsIsToldInParts(t *testing.T) {
	l := newReturnLab()
	l.ledger, l.splits = ledger.New(), map[uint64]*split{}
	n := 0
	write := func(region string, epoch uint64) {
		id := fmt.Sprint("w", n)
		n++
		l.ledger.Sent(dataset, id, []byte(id), l.now())
		l.clock = l.clock.Add(10 * time.Millisecond)
		l.ledger.Acked(dataset, id, region, epoch, uint64(n), l.now())
		l.acked(region, epoch, l.now())
	}
	tails := func() (all []string, told int) {
		l.view(func(s *drill.State) {
			for _, split := range s.Dataset(dataset).Splits {
				for _, ids := range split.Tails {
					all = append(all, ids...)
				}
			}
		})
		slices.Sort(all)
		return all, len(all) - len(slices.Compact(slices.Clone(all)))
	}
	write("a", 1)
	write("b", 2)
	l.noteSplits(splitEvery)
	if all, _ := tails(); len(all) != 0 {
		t.Fatalf("two authorities at once, in %v", all)
	}
	write("a", 1) // w2, beside b
	write("b", 2)
	l.noteSplits(splitEvery)
	first, _ := tails()
	if !slices.Contains(first, "w2") {
		t.Fatalf("told of %v", first)
	}
	for _, c := range []struct {
		after, every time.Duration
		news         bool
	}{{0, splitEvery, false}, {splitEvery, splitEvery, true}, {0, splitEvery, false}, {0, 0, true}} {
		before, _ := tails()
		l.clock = l.clock.Add(c.after)
		write("a", 1)
		l.noteSplits(c.every)
		all, twice := tails()
		if news := len(all) > len(before); news != c.news || twice > 0 {
			t.Errorf("%s after the last, at most every %s: %v then %v, %d of them twice", c.after, c.every, before, all, twice)
		}
	}
	if all, _ := tails(); len(all) != n-2 { // all but those from before there were two
		t.Errorf("%d writes, told of %v", n, all)
	}
}
