package router

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/instrument"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region is not down because this program could not ask it, or did not hear the answers.
func TestNoVerdictAcrossAStandstill(t *testing.T) {
	for _, failure := range []error{context.DeadlineExceeded, syscall.EMFILE} {
		synctest.Test(t, func(t *testing.T) {
			now := since()
			i := instrument.New(instrument.Config{Now: now, Slept: func() time.Duration { return 0 }, Settle: 1500 * ms})
			r := New(Config{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us"}}, Routing: topology.Routing{Probe: topology.DefaultProbe}}, Now: now, Instrument: i})
			sent := now()
			if !errors.Is(failure, syscall.EMFILE) {
				time.Sleep(400 * ms)
			}
			p := &probing{ctx: t.Context(), sent: sent, answer: make(chan answer, 1)}
			p.answer <- answer{err: failure, at: now()}
			if err, counts := r.outcome(t.Context(), p); counts {
				t.Errorf("%v counts", err)
			}
			for range 60 {
				time.Sleep(50 * ms)
				i.Stood(now(), now())
			}
			p = &probing{ctx: t.Context(), sent: now(), answer: make(chan answer, 1)}
			p.answer <- answer{err: context.DeadlineExceeded, at: now()}
			if err, counts := r.outcome(t.Context(), p); !counts || err == nil {
				t.Errorf("a probe of later does not count: %v", err)
			}
		})
	}
}
