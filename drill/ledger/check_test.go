package ledger

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// replica is a store's contents as an audit shows them.
type replica struct {
	mu      sync.Mutex
	entries []entry
}

type entry struct {
	id, payload string
	index       uint64
}

func (r *replica) append(id, payload string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, entry{id, payload, uint64(len(r.entries) + 1)})
}

func (r *replica) audit(_ context.Context, after uint64, visit func(string, []byte, uint64, uint64) error) error {
	r.mu.Lock()
	entries := slices.Clone(r.entries)
	r.mu.Unlock()
	for _, e := range entries {
		if e.index <= after {
			continue
		}
		if err := visit(e.id, []byte(e.payload), e.index, 1); err != nil {
			return err
		}
	}
	return nil
}

// five is a ledger of w0 to w4, acknowledged at 0 to 4 ms, of u0 and u1, given
// up, and of p0, which is pending; and a store that has the five.
func five() (*Ledger, *replica) {
	l, r := New(), &replica{}
	for n := range 5 {
		id := fmt.Sprint("w", n)
		l.Sent("orders", id, []byte("payload of "+id), 0)
		r.append(id, "payload of "+id)
		l.Acked("orders", id, "us", 1, uint64(n+1), ms*time.Duration(n))
	}
	for _, id := range []string{"u0", "u1", "p0"} {
		l.Sent("orders", id, []byte("payload of "+id), 0)
	}
	l.Unacked("orders", "u0", 9*ms, "timeout")
	l.Unacked("orders", "u1", 9*ms, "reset")
	l.Sent("carts", "c0", []byte("payload of c0"), 0)
	l.Acked("carts", "c0", "us", 1, 1, 0)
	return l, r
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	lost := func(n ...int) []drill.LostWrite {
		list := []drill.LostWrite{}
		for _, n := range n {
			list = append(list, drill.LostWrite{ID: fmt.Sprint("w", n), Epoch: 1, Acked: ms * time.Duration(n)})
		}
		return list
	}
	tests := []struct {
		name    string
		change  func(*replica)
		lost    []drill.LostWrite
		wrong   []string
		present int
	}{
		{"nothing", func(*replica) {}, lost(), nil, 0},
		{"dropped", func(r *replica) { r.entries = slices.Delete(r.entries, 2, 3) }, lost(2), nil, 0},
		{"tail dropped", func(r *replica) { r.entries = r.entries[:2] }, lost(2, 3, 4), nil, 0},
		{"everything dropped", func(r *replica) { r.entries = nil }, lost(0, 1, 2, 3, 4), nil, 0},
		{"altered", func(r *replica) { r.entries[3].payload = "payload of w4" }, lost(), []string{"w3"}, 0},
		{"cut short", func(r *replica) { r.entries[1].payload = "" }, lost(), []string{"w1"}, 0},
		{"contents swapped, ids and positions equal", func(r *replica) {
			r.entries[0].payload, r.entries[1].payload = r.entries[1].payload, r.entries[0].payload
		}, lost(), []string{"w0", "w1"}, 0},
		{"duplicated", func(r *replica) { r.append("w1", "payload of w1") }, lost(), []string{"w1"}, 0},
		{"duplicated in place of another", func(r *replica) { r.entries[4].id, r.entries[4].payload = "w0", "payload of w0" }, lost(4), []string{"w0"}, 0},
		{"unacknowledged present", func(r *replica) { r.append("u1", "payload of u1") }, lost(), nil, 1},
		{"unacknowledged present and altered", func(r *replica) { r.append("u0", "other") }, lost(), []string{"u0"}, 1},
		{"pending present", func(r *replica) { r.append("p0", "payload of p0") }, lost(), nil, 0},
		{"entries of others", func(r *replica) { r.append("preloaded-1", "x"); r.append("c0", "x") }, lost(), nil, 0},
		{"other positions, same contents", func(r *replica) {
			for i := range r.entries {
				r.entries[i].index += 100
			}
		}, lost(), nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, r := five()
			tt.change(r)
			got, err := l.Check(t.Context(), "orders", "eu", "failover 2", 2, r.audit)
			if err != nil {
				t.Fatal(err)
			}
			want := drill.LedgerChecked{
				Dataset: "orders", Region: "eu", Why: "failover 2", Failover: 2,
				Acknowledged: 5, Unacknowledged: 2,
				Lost: tt.lost, Mismatched: tt.wrong, PresentUnacknowledged: tt.present,
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestLostIsNamedOnceInOrderOfAcknowledgement(t *testing.T) {
	l := New()
	// The goroutines of two requests may note their answers in the other order.
	for _, w := range []struct {
		id string
		at int
	}{{"b", 2}, {"a", 1}, {"d", 4}, {"c", 3}} {
		l.Sent("orders", w.id, nil, 0)
		l.Acked("orders", w.id, "us", 1, 0, ms*time.Duration(w.at))
	}
	r := &replica{entries: []entry{{id: "c", index: 1}}}
	check := func() drill.LedgerChecked {
		t.Helper()
		c, err := l.Check(t.Context(), "orders", "eu", "", 0, r.audit)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ids := func(c drill.LedgerChecked) (ids []string) {
		for _, w := range c.Lost {
			ids = append(ids, w.ID)
		}
		return ids
	}
	if got, want := ids(check()), []string{"a", "b", "d"}; !slices.Equal(got, want) {
		t.Errorf("first check: lost %v, want %v", got, want)
	}
	if c := check(); len(c.Lost) != 0 || c.Lost == nil || c.LostBefore != 3 || c.Acknowledged != 4 {
		t.Errorf("second check: %+v", c)
	}
	r.entries = nil
	if got, want := ids(check()), []string{"c"}; !slices.Equal(got, want) {
		t.Errorf("third check: lost %v, want %v", got, want)
	}
	if id, _, ok := l.Recent("orders", 0); ok {
		t.Errorf("readers are still sent for the lost write %s", id)
	}
	if w, _ := l.Find("orders", "a"); !w.Lost {
		t.Errorf("a is not known as lost: %+v", w)
	}
}

func TestWritesDuringACheckAreLeftToTheNext(t *testing.T) {
	l, r := five()
	during := func(ctx context.Context, after uint64, visit func(string, []byte, uint64, uint64) error) error {
		l.Sent("orders", "late", []byte("late"), 6*ms)
		r.append("late", "late")
		l.Acked("orders", "late", "us", 1, 6, 7*ms)
		l.Acked("orders", "p0", "us", 1, 7, 7*ms)
		l.Acked("orders", "u0", "us", 1, 8, 7*ms)
		return r.audit(ctx, after, visit)
	}
	c, err := l.Check(t.Context(), "orders", "eu", "", 0, during)
	if err != nil || c.Acknowledged != 5 || c.Unacknowledged != 2 || len(c.Lost) != 0 {
		t.Errorf("got %+v %v, want 5 acknowledged and none lost", c, err)
	}
	c, err = l.Check(t.Context(), "orders", "eu", "", 0, r.audit)
	if err != nil || c.Acknowledged != 8 || c.Unacknowledged != 1 || len(c.Lost) != 2 {
		t.Errorf("got %+v %v, want 8 acknowledged and 2 lost", c, err)
	}
}

func TestABrokenAuditTellsNothing(t *testing.T) {
	errReset := errors.New("connection reset")
	tests := []struct {
		name  string
		audit func(*replica, context.CancelFunc) Audit
		want  string
	}{
		{"before the first entry", func(*replica, context.CancelFunc) Audit {
			return func(context.Context, uint64, func(string, []byte, uint64, uint64) error) error { return errReset }
		}, "connection reset"},
		{"half way", func(r *replica, _ context.CancelFunc) Audit {
			return func(ctx context.Context, after uint64, visit func(string, []byte, uint64, uint64) error) error {
				half := &replica{entries: r.entries[:2]}
				return errors.Join(half.audit(ctx, after, visit), errReset)
			}
		}, "connection reset"},
		{"given up without saying so", func(_ *replica, cancel context.CancelFunc) Audit {
			return func(context.Context, uint64, func(string, []byte, uint64, uint64) error) error { cancel(); return nil }
		}, "canceled"},
		{"an entry delivered again", func(r *replica, _ context.CancelFunc) Audit {
			again := &replica{entries: append(slices.Clone(r.entries), r.entries[4])}
			return again.audit
		}, "index 5, after index 5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, r := five()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c, err := l.Check(ctx, "orders", "eu", "", 0, tt.audit(r, cancel))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "orders in eu") {
				t.Fatalf("got %+v %v, want an error with %q", c, err, tt.want)
			}
			if !reflect.DeepEqual(c, drill.LedgerChecked{}) {
				t.Errorf("a broken audit says %+v", c)
			}
			// It must not have used up what a whole audit then finds.
			r.entries = r.entries[:3]
			if c, err := l.Check(t.Context(), "orders", "eu", "", 0, r.audit); err != nil || len(c.Lost) != 2 {
				t.Errorf("the check after it: %+v %v, want 2 lost", c, err)
			}
		})
	}
}

func TestAnAcknowledgementOutOfTheBlueCounts(t *testing.T) {
	l := New()
	l.Acked("orders", "w9", "us", 1, 1, ms)
	has := &replica{entries: []entry{{id: "w9", payload: "anything", index: 1}}}
	if c, err := l.Check(t.Context(), "orders", "us", "", 0, has.audit); err != nil || c.Acknowledged != 1 || len(c.Lost)+len(c.Mismatched) != 0 {
		t.Errorf("present: %+v %v", c, err)
	}
	if c, err := l.Check(t.Context(), "orders", "us", "", 0, (&replica{}).audit); err != nil || len(c.Lost) != 1 {
		t.Errorf("absent: %+v %v", c, err)
	}
}
