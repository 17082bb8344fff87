package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// What the machine did is told of a drill that would pass or fail without it.
func TestTheMachineDisturbed(t *testing.T) {
	const sec = time.Second
	sampled := func(sent, late int) drill.TrafficSampled {
		return drill.TrafficSampled{Window: sec, Populations: []telemetry.Population{{Population: "americas", AskedEver: 100, AffectedEver: 30,
			TotalRequests: sent, TotalNotSent: map[string]int{telemetry.UnsentLate: late}}}}
	}
	disk := func(region string, from, stalled time.Duration) drill.StoresSampled {
		return drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: region, Role: role.Fenced, Stalled: stalled, Contact: from + stalled}}}
	}
	tests := []struct {
		name    string
		event   drill.Body
		fails   bool
		verdict drill.Verdict
		why     string
	}{
		{"in the failover", drill.StandstillNoticed{From: 7 * sec, For: 15 * sec}, false, drill.Inconclusive, "fleetdrill stood still for 15.0 s while users had not recovered from us-east killed"},
		{"and the RTO is missed", drill.StandstillNoticed{From: 7 * sec, For: 15 * sec}, true, drill.Inconclusive, "rto"},
		{"asleep", drill.StandstillNoticed{From: 7 * sec, Slept: time.Hour}, false, drill.Inconclusive, "this machine slept for"},
		{"before the fault", drill.StandstillNoticed{From: 2 * sec, For: sec, Settle: sec}, false, drill.Passed, ""},
		{"a few not sent", sampled(950, 50), false, drill.Passed, ""},
		{"many not sent", sampled(950, 51), false, drill.Inconclusive, "5.09 % of 1,001 requests could not be sent by this machine (too late to send), at most 5.00 % may be"},
		{"too many waited", drill.TrafficSampled{Window: sec, Populations: []telemetry.Population{{Population: "americas", AskedEver: 100, AffectedEver: 30,
			TotalRequests: 980, TotalNotSent: map[string]int{telemetry.UnsentInFlight: 20}}}}, false, drill.Inconclusive, "2.00 % of 1,000 requests could not be sent by this machine (too many wait for answers)"},
		{"its neighbour starved", drill.RegionStarved{Region: "eu-west", From: 7 * sec, For: sec}, false, drill.Inconclusive, "eu-west was starved by this machine, its agent stood still for 1.0 s while users had not recovered from us-east killed"},
		{"a disk stood still", disk("eu-west", 5*sec, 3600*time.Millisecond), true, drill.Inconclusive, "no write of orders reached the disk of eu-west for 3.6 s while users had not recovered from us-east killed: this machine did that, not the drill"},
		{"a disk stood still where the fault was", disk("us-east", 5*sec, 3600*time.Millisecond), false, drill.Passed, ""},
		{"a disk stood still before", disk("eu-west", 2*sec, 2*sec), false, drill.Passed, ""},
		{"starved before", drill.RegionStarved{Region: "eu-west", From: 2 * sec, For: sec}, false, drill.Passed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := drilled()
			s.Recoveries = []drill.Recovered{{Fault: 1, Since: 9 * sec}}
			if tt.fails {
				*s.Plan.Objectives.RTO = sec
			}
			s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now, Body: tt.event})
			_, verdict, why := Judge(s)
			if verdict != tt.verdict || !strings.Contains(why, tt.why) || tt.why == "" && why != "" {
				t.Errorf("%s: %q, want %s: %q", verdict, why, tt.verdict, tt.why)
			}
		})
	}
}

func TestNotSteadyNamesWhoWasNotServed(t *testing.T) {
	s := drilled()
	s.SteadyBefore = &drill.SteadyMeasured{When: "before", Success: 0.9, Requests: 100}
	for range 12 {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now + time.Second/2, Body: drill.TrafficSampled{Window: time.Second / 2, Populations: []telemetry.Population{
			{Population: "americas", Requests: 10, OK: 9, Failed: 1, Failures: map[string]int{"timeout": 1}}}}})
	}
	want := "not steady before the first step: 90.00 % of 100 requests succeeded, 99.00 % are asked for: failed for americas (timeout 10, of 100 requests)"
	if got := NotSteady(s); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A check of half an hour is judged as a whole, and not by its end: nothing failed in its last twenty-five minutes.
func TestALongCheckIsToldAsAWhole(t *testing.T) {
	s := drilled()
	const long = 30 * time.Minute
	s.Plan.Steady.For = long
	s.SteadyBefore = &drill.SteadyMeasured{When: "before", Success: 0.9, Requests: 36000}
	began := s.Now.Truncate(8 * time.Second)
	for at := began; at < began+long; {
		at += time.Second / 2
		p := telemetry.Population{Population: "americas", Requests: 10, OK: 10}
		if at <= began+5*time.Minute {
			p.OK, p.Failed, p.Failures = 4, 6, map[string]int{"timeout": 5, "shed": 1}
		}
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: at, Body: drill.TrafficSampled{Window: time.Second / 2, Populations: []telemetry.Population{p}}})
	}
	if got, want := NotSteady(s), "failed for americas (shed 600, timeout 3000, of 36000 requests)"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A machine that stands still again and again is told of a few times.
func TestManyStandstillsAreToldOfBriefly(t *testing.T) {
	s := drilled()
	for range 20 {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now, Body: drill.StandstillNoticed{From: 7 * time.Second, For: time.Second}})
	}
	if _, verdict, why := Judge(s); verdict != drill.Inconclusive || strings.Count(why, "stood still") != mostTold {
		t.Errorf("%s: %s", verdict, why)
	}
}
