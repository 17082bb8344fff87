package ledger

import (
	"testing"
	"time"
)

func TestAcknowledgedInAnEpoch(t *testing.T) {
	l := New()
	add := func(id string, epoch uint64, sent, acked time.Duration) {
		l.Sent("orders", id, []byte(id), sent)
		if acked > 0 {
			l.Acked("orders", id, "a", epoch, 1, acked)
		}
	}
	add("early", 1, 1*time.Second, 9*time.Second)
	add("late", 1, 6*time.Second, 8*time.Second)
	add("last", 1, 5*time.Second, 10*time.Second)
	add("other", 2, 6*time.Second, 7*time.Second)
	add("never", 1, 6*time.Second, 0)
	var got []string
	for _, w := range l.Acknowledged("orders", 1, 5*time.Second) {
		got = append(got, w.ID)
	}
	if len(got) != 2 || got[0] != "late" || got[1] != "last" {
		t.Errorf("got %v, want late and last", got)
	}
	if none := l.Acknowledged("nothing", 1, 0); none != nil {
		t.Errorf("of no dataset: %v", none)
	}
}
