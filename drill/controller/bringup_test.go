package controller

import (
	"errors"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestTheFirstAuthorityWaitsForNoTick has regions get their places before, while and after
// they are asked what they hold: whichever way, the first authority is there with no second tick.
func TestTheFirstAuthorityWaitsForNoTick(t *testing.T) {
	regions := []string{"a", "b", "c"}
	for name, heardAfter := range map[string]map[string]int{ // how many answers came before each region was heard
		"before": {"a": 0, "b": 0, "c": 0}, "meanwhile": {"a": 1, "b": 1, "c": 2},
		"afterwards": {"a": 3, "b": 3, "c": 3}, "one after the other": {"a": 1, "b": 4, "c": 9},
	} {
		t.Run(name, func(t *testing.T) {
			spec := topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: regions}
			s := &script{t: t, now: time.Millisecond, m: NewMemory(Rules{
				Dataset: spec, Policy: topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: time.Second}, StepLimit: 2 * time.Second,
			})}
			held := func(region string) store.Status {
				return store.Status{Dataset: "orders", Region: region}
			}
			answers, placed := 0, map[string]bool{}
			hear := func() {
				for _, region := range regions {
					if answers >= heardAfter[region] && !placed[region] {
						placed[region] = true
						s.observe(exchange.Heard{Region: region, Status: held(region)})
					}
				}
			}
			s.observe(exchange.Tick{})
			hear()
			for i := 0; i < len(s.steps) && !s.m.Assumed(); i++ {
				step := s.steps[i]
				var err error
				switch {
				case step.ID == 0:
					continue
				case !placed[step.Region]:
					err = errors.New("no such dataset")
				}
				s.now += time.Millisecond
				s.observe(exchange.Done{Step: step, Status: held(step.Region), Err: err})
				answers++
				hear()
			}
			if lead, _ := s.m.Leader(); lead != "a" || !s.m.Assumed() || s.now >= tickEvery {
				t.Errorf("after %d answers and %s the authority is %q", answers, s.now, lead)
			}
		})
	}
}
