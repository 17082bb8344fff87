package agent

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/instrument"
)

func TestStoodIsToldForAWhile(t *testing.T) {
	now, every := time.Duration(0), instrument.EveryFor(stoodLeast)
	w := instrument.New(instrument.Config{Now: func() time.Duration { return now }, Threshold: stoodLeast, Slept: func() time.Duration { return 0 }})
	run := func(d time.Duration) {
		for until := now + d; now < until; now += every {
			w.Note()
		}
	}
	run(time.Second)
	now += 2 * time.Second // stopped
	run(5 * time.Second)
	now += time.Second
	run(time.Second)
	first, second := wire.Stood{N: 0, For: 2*time.Second + every}, wire.Stood{N: 1, For: time.Second + every}
	got := stood(w, now)
	for i := range got {
		if got[i].Ago <= 0 || got[i].Ago > 8*time.Second {
			t.Errorf("%s ago", got[i].Ago)
		}
		got[i].Ago = 0
	}
	if !slices.Equal(got, []wire.Stood{first, second}) {
		t.Errorf("got %+v", got)
	}
	run(stoodFor - 3*time.Second)
	if got := stood(w, now); len(got) != 1 || got[0].N != 1 {
		t.Errorf("later: %+v", got)
	}
}
