package controller

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A whole copy is told when it begins, now and then while it goes on, when it begins anew, and
// when it is over.
func TestAWholeCopyIsTold(t *testing.T) {
	s := newLedScript(t, topology.Durability{Mode: topology.ModeAsync}, "auto")
	hears := func(after time.Duration, c *store.Copying) {
		st := s.status("b", 10)
		st.Copying = c
		s.now += after
		s.observe(exchange.Heard{Region: "b", Status: st})
	}
	hears(0, &store.Copying{Total: 100, Attempt: 1})
	for range 40 { // 20 s
		hears(500*time.Millisecond, &store.Copying{Bytes: 10, Total: 100, Attempt: 1})
	}
	hears(0, &store.Copying{Total: 100, Attempt: 2, Why: "no stream"})
	hears(time.Second, nil)
	hears(time.Second, nil)
	var told []string
	for _, c := range bodies[drill.StoreCopying](s) {
		switch {
		case c.Over:
			told = append(told, "over")
		case c.On && c.Bytes == 10 && c.Why == "":
			told = append(told, "on")
		case c.Why != "":
			told = append(told, "anew")
		default:
			told = append(told, "begins")
		}
	}
	want := []string{"begins", "on", "anew", "over"}
	if len(told) != len(want) {
		t.Fatalf("told %v, want %v", told, want)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Fatalf("told %v, want %v", told, want)
		}
	}
}
