package splitbrain

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A split brain that grows is an event once a second, each write once, and at the end of
// the drill all that is left.
func TestASplitThatGrowsIsReportedInParts(t *testing.T) {
	now := time.Duration(0)
	var log Log
	var acked [3][]Write // by epoch
	var all []string
	n := 0
	write := func(region string, epoch uint64) {
		w := Write{ID: fmt.Sprint("w", n), Sent: now}
		n++
		now += 10 * time.Millisecond
		w.Ended = now
		acked[epoch] = append(acked[epoch], w)
		log = log.Add(Term{Region: region, Epoch: epoch, First: now})
		log.Overlap = log.Overlap || epoch < log.Terms[len(log.Terms)-1].Epoch
	}
	since := func(epoch int, from time.Duration) []Write {
		return slices.DeleteFunc(slices.Clone(acked[epoch]), func(w Write) bool { return w.Sent < from })
	}
	read := func(every time.Duration) (events int) {
		tail := Tail{Old: since(1, log.Terms[1].First)}
		if len(tail.Old) > 0 {
			tail.New = since(2, log.Terms[1].First)
		}
		l, splits := log.Report(now, every, "orders", log.Terms, []Tail{tail}, func(string) bool { return false })
		log = l
		for _, b := range splits {
			if b.Old != "a" || b.New != "b" || b.OldEpoch != 1 || b.NewEpoch != 2 {
				t.Errorf("reported %+v", b)
			}
			for _, ids := range b.Tails {
				all = append(all, ids...)
			}
		}
		return len(splits)
	}
	write("a", 1)
	write("b", 2)
	if log.Due(now, func(string) bool { return false }) || read(Every) != 0 {
		t.Fatalf("two authorities at once, in %v", all)
	}
	write("a", 1) // w2, beside b
	write("b", 2)
	if !log.Due(now+Every, func(string) bool { return false }) {
		t.Error("it is not looked at")
	}
	read(Every)
	if !slices.Contains(all, "w2") {
		t.Fatalf("reported %v", all)
	}
	for _, c := range []struct {
		after, every time.Duration
		news         bool
	}{{0, Every, false}, {Every, Every, true}, {0, Every, false}, {0, 0, true}} {
		now += c.after
		write("a", 1)
		before := len(all)
		read(c.every)
		if news := len(all) > before; news != c.news {
			t.Errorf("%s after the last, at most every %s: %d then %v", c.after, c.every, before, all)
		}
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("a write is reported twice: %v", all)
	}
	if len(all) != n-2 { // all but those from before there were two
		t.Errorf("%d writes, reported %v", n, all)
	}
}
