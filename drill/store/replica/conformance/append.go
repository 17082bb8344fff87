package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var appendCases = []testCase{
	{"append, look up and audit", appended},
	{"the same id at once", sameIDAtOnce},
	{"a write that can't be stored", badWrites},
	{"a context that ended", aContextThatEnded},
	{"without a mode", withoutAMode},
}

// idOf is the id of the i-th write of a writer in an epoch.
func idOf(epoch uint64, writer, i int) string { return fmt.Sprintf("%d-%d-%d", epoch, writer, i) }

func appended(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	r := l.at("east")
	l.write("east", "a", "b")
	l.lead("east")
	l.write("east", "c")

	all := l.contents("east")
	if ids(all) != "a,b,c" || all[0].Epoch != 1 || all[1].Epoch != 1 || all[2].Epoch != 2 {
		l.t.Fatalf("it holds %+v", all)
	}
	if !slices.IsSortedFunc(all, func(a, b store.Entry) int { return int(a.Index) - int(b.Index) }) || all[0].Index == 0 || all[0].Index == all[1].Index {
		l.t.Errorf("not in the order of indexes: %+v", all)
	}
	var behind []store.Entry
	l.must(r.Audit(l.ctx(), all[0].Index, func(e store.Entry) error { behind = append(behind, e); return nil }))
	if !same(behind, all[1:]) {
		l.t.Errorf("behind the first there is %s", ids(behind))
	}
	stop := errors.New("enough")
	l.want("audit that its visitor ends", r.Audit(l.ctx(), 0, func(store.Entry) error { return stop }), stop)

	// A retry gets the place that the write has, and stores nothing.
	before := l.status("east")
	ack, err := r.Append(l.ctx(), store.Write{ID: "b", Payload: payloadOf("b")})
	if l.must(err); ack != (store.Ack{Index: all[1].Index, Epoch: 1}) {
		l.t.Errorf("a retry was acknowledged as %+v, it is %+v", ack, all[1])
	}
	if after := l.status("east"); after.Entries != 3 || after.Bytes != before.Bytes || after.LastIn != 2 {
		l.t.Errorf("a retry changed what it holds: %+v", after)
	}
	found, ok, err := r.Lookup(l.ctx(), "b")
	if l.must(err); !ok || !same([]store.Entry{found}, all[1:2]) {
		l.t.Errorf("looked b up: %v, %+v", ok, found)
	}
	if e, ok, err := r.Lookup(l.ctx(), "nobody"); ok || err != nil {
		l.t.Errorf("looked up what is not there: %+v (%v)", e, err)
	}
	l.restart("east")
	if got := l.contents("east"); !same(got, all) {
		l.t.Errorf("after a restart there is %s", ids(got))
	}
}

// The same id at the same time, as of a client that retries too early: one is stored,
// all get its place.
func sameIDAtOnce(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	var all sync.WaitGroup
	acks := make([]store.Ack, 32)
	for i := range acks {
		all.Go(func() {
			var err error
			if acks[i], err = l.at("east").Append(l.t.Context(), store.Write{ID: "same"}); err != nil {
				l.t.Error(err)
			}
		})
	}
	all.Wait()
	there := l.contents("east")
	if len(there) != 1 {
		l.t.Fatalf("%d entries", len(there))
	}
	for _, ack := range acks {
		if ack != (store.Ack{Index: there[0].Index, Epoch: 1}) {
			l.t.Fatalf("acknowledged as %+v, it is %+v", acks, there[0])
		}
	}
}

func badWrites(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	l.write("east", "a")
	long := strings.Repeat("x", l.engine.MaxID)
	for _, w := range []store.Write{
		{Payload: []byte("no id")}, {ID: long + "x"}, {ID: "big", Payload: make([]byte, l.engine.MaxPayload+1)}, {ID: "a", Payload: []byte("other")},
	} {
		if _, err := l.at("east").Append(l.ctx(), w); !errors.Is(err, store.ErrBadWrite) {
			l.t.Errorf("id %.20q, %d bytes: %v, want %v", w.ID, len(w.Payload), err, store.ErrBadWrite)
		}
	}
	if s := l.status("east"); s.Entries != 1 {
		l.t.Errorf("after what was refused it holds %d entries", s.Entries)
	}
	_, err := l.at("east").Append(l.ctx(), store.Write{ID: long, Payload: make([]byte, l.engine.MaxPayload)})
	l.want("the largest write", err, nil)
	if s := l.status("east"); s.Entries != 2 || s.Bytes != int64(l.engine.MaxPayload+len(payloadOf("a"))) {
		l.t.Errorf("it holds %d entries, %d bytes", s.Entries, s.Bytes)
	}
}

// A write whose sender has gone is answered with that, or acknowledged, and stored once.
func aContextThatEnded(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	gone, cancel := context.WithCancel(l.t.Context())
	cancel()
	for range 20 { // whichever of its waits the context ends
		if _, err := l.at("east").Append(gone, store.Write{ID: "a", Payload: payloadOf("a")}); err != nil {
			l.want("a context that ended", err, context.Canceled)
		}
	}
	l.write("east", "a")
	if s := l.status("east"); s.Entries != 1 {
		l.t.Errorf("%d entries", s.Entries)
	}
}

func withoutAMode(l *lab) {
	l.dirs["east"], l.clocks["east"] = l.t.TempDir(), &clock{began: time.Now()}
	l.regions = []string{"east"}
	r, err := l.engine.Open(Opening{Dir: l.dirs["east"], Dataset: dataset, Region: "east", Run: "1", Upstream: upstream{l.network, "east"}, Clock: l.clocks["east"].read})
	l.must(err)
	l.network.put("east", r)
	l.lead("east")
	if s := l.status("east"); s.Mode != "" {
		l.t.Errorf("without a mode it says %q", s.Mode)
	}
	l.want("append without a mode", l.try("east", "a"), store.ErrMode)
}
