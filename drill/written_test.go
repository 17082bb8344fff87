package drill

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// trace is where the write w was found: + holds it, - has it not, ? does not answer, ! has other
// contents. The replicas are a, b and c.
func trace(lead string, epoch uint64, found string) WriteTraced {
	b := WriteTraced{ID: "w", Dataset: "orders", Trace: fate.Trace{Authority: lead, Epoch: epoch}}
	for i, r := range found {
		b.Copies = append(b.Copies, fate.Copy{Region: string("abc"[i]), Answered: r != '?', Held: r == '+' || r == '!', Altered: r == '!'})
	}
	return b
}

// What becomes of a write of one's own follows from what its user was told and where it is found,
// and each change of it is a line of the timeline.
func TestTheFateOfAWrite(t *testing.T) {
	sent := WriteSent{Command: 1, ID: "w", Dataset: "orders", Population: "us", Region: "a", Text: "hello"}
	confirmed := WriteEnded{ID: "w", Dataset: "orders", Took: time.Millisecond, By: "a", Epoch: 1, Index: 9}
	timeout := WriteEnded{ID: "w", Dataset: "orders", Took: time.Second, Error: "timeout"}
	exported := trace("b", 2, "-++")
	exported.Copies[1].Held, exported.Copies[2].Held, exported.Exported = false, false, "epoch-1.jsonl"
	for name, tt := range map[string]struct {
		bodies []Body
		want   []fate.Fate
	}{
		"on its way":                {nil, []fate.Fate{fate.Waits}},
		"confirmed":                 {[]Body{confirmed}, []fate.Fate{fate.Waits, fate.Confirmed}},
		"found before it is told":   {[]Body{trace("a", 1, "+--"), confirmed}, []fate.Fate{fate.Waits, fate.Alone}},
		"copied":                    {[]Body{confirmed, trace("a", 1, "+--"), trace("a", 1, "++-"), trace("a", 1, "+++")}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Alone, fate.Copied}},
		"its leader falls silent":   {[]Body{confirmed, trace("a", 1, "+--"), trace("a", 1, "?--")}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Alone, fate.Unknown}},
		"kept by a failover":        {[]Body{confirmed, trace("a", 1, "++-"), trace("a", 1, "?+-"), trace("b", 2, "?++")}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Copied, fate.Unknown, fate.Copied}},
		"lost, exported":            {[]Body{confirmed, trace("b", 2, "?--"), trace("b", 2, "+--"), exported}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Lost, fate.Diverged, fate.Exported}},
		"lost, and back":            {[]Body{confirmed, trace("b", 2, "?--"), trace("a", 3, "+--")}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Lost, fate.Back}},
		"altered":                   {[]Body{confirmed, trace("a", 1, "!--")}, []fate.Fate{fate.Waits, fate.Confirmed, fate.Altered}},
		"never confirmed":           {[]Body{timeout}, []fate.Fate{fate.Waits, fate.Doubtful}},
		"never confirmed, nowhere":  {[]Body{timeout, trace("a", 1, "---")}, []fate.Fate{fate.Waits, fate.Doubtful, fate.Dropped}},
		"never confirmed, who asks": {[]Body{timeout, trace("a", 1, "?--")}, []fate.Fate{fate.Waits, fate.Doubtful}},
		"never confirmed, stored":   {[]Body{timeout, trace("a", 1, "---"), trace("a", 1, "+--")}, []fate.Fate{fate.Waits, fate.Doubtful, fate.Dropped, fate.Stored}},
		"of another write":          {[]Body{WriteEnded{ID: "v", Dataset: "orders", By: "a"}, WriteTraced{ID: "w", Dataset: "carts"}}, []fate.Fate{fate.Waits}},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewState()
			for i, b := range append([]Body{DrillStarted{Fleet: topology.Fleet{Name: "f"}}, sent}, tt.bodies...) {
				s.Apply(Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
			}
			var got []fate.Fate
			for _, c := range s.OwnWrite("orders", "w").Fates {
				got = append(got, c.Fate)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("fates %v, want %v", got, tt.want)
			}
			if len(s.Timeline) != len(tt.want)-1 {
				t.Errorf("%d lines on the timeline, want %d", len(s.Timeline), len(tt.want)-1)
			}
		})
	}
}

// A write that never left, since its resolver had no region, can be nowhere.
func TestAWriteThatNeverLeft(t *testing.T) {
	s := NewState()
	s.Apply(Event{Seq: 1, Body: WriteSent{ID: "w", Dataset: "orders"}})
	s.Apply(Event{Seq: 2, Body: WriteEnded{ID: "w", Dataset: "orders", Error: "no region"}})
	if got := s.OwnWrite("orders", "w").Fate(); got != fate.Dropped {
		t.Errorf("fate %s", got)
	}
}
