package traffic

import (
	"testing"
	"time"
)

// Who asked only before an outage, or only after it, was never exposed to it.
func TestBlastCountsWhoAskedInAnOutage(t *testing.T) {
	l := newLived()
	at := func(n int) time.Duration { return time.Duration(n) * time.Second }
	first := at(10)
	l.note(1, at(5), false)  // before
	l.note(2, at(11), false) // during
	l.note(3, at(12), true)  // during, hurt
	if asked, hurt := l.blast(first, &first); asked != 2 || hurt != 1 {
		t.Errorf("during: %d asked, %d hurt; want 2 and 1", asked, hurt)
	}
	l.settle(first)
	for user := 100; user < 200; user++ {
		l.note(user, at(20), false)
	}
	l.note(2, at(21), false)
	if asked, hurt := l.blast(first, nil); asked != 2 || hurt != 1 {
		t.Errorf("afterwards: %d asked, %d hurt; want 2 and 1", asked, hurt)
	}
	l.note(4, at(25), true) // hurt by something else, later
	if asked, hurt := l.blast(first, nil); asked != 3 || hurt != 2 {
		t.Errorf("hurt later: %d asked, %d hurt; want 3 and 2", asked, hurt)
	}
	second := at(30)
	l.note(100, at(31), false)
	if asked, hurt := l.blast(first, &second); asked != 4 || hurt != 2 {
		t.Errorf("second outage: %d asked, %d hurt; want 4 and 2", asked, hurt)
	}
}
