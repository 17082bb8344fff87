package distrust

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A refusal is a fault's of trust while that holds, of its region or by others of it; its users are those of commands that affected
// some meanwhile, and of no command that was over before, or affected nobody.
func TestWhoWasRefusedByAFault(t *testing.T) {
	s := drill.NewState()
	at := func(now time.Duration, b drill.Body) {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: now * time.Second, Body: b})
	}
	tally := func(peer string) []identity.Tally {
		return []identity.Tally{{Refused: identity.Refused{Reason: identity.Expired}, Peer: "spiffe://f/region/" + peer + "/gateway", Times: 1}}
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}}, Users: []topology.Population{{Name: "all"}}}})
	at(1, drill.IdentitySampled{Who: "south", Refuses: tally("east")}) // before
	at(5, drill.FaultProved{ID: 1, Command: 1, Region: "west", From: 5 * time.Second, Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: "west", Web: 1, Trust: true}}}})
	at(6, drill.IdentitySampled{Who: "south", Refuses: tally("west")})
	at(7, drill.IdentitySampled{Who: "south", Refuses: tally("east")}) // of neither
	at(8, drill.IdentitySampled{Who: "west", Refuses: tally("east")})
	at(9, drill.FaultLifted{ID: 1, Region: "west"})
	at(10, drill.IdentitySampled{Who: "west", Refuses: tally("south")}) // after
	impact := func(command, affected int, from, until time.Duration) telemetry.UserImpact {
		return telemetry.UserImpact{Command: command, Asked: 9, Affected: affected, From: from * time.Second, Until: until * time.Second}
	}
	at(11, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "all", Impacts: []telemetry.UserImpact{
		impact(1, 1, 5, 6), impact(2, 3, 1, 5), impact(3, 3, 8, 0), impact(4, 0, 7, 8), impact(5, 2, 10, 11),
	}}}})
	f := s.Fault(1)
	var got []string
	refusals := Refusals(s, f)
	for _, r := range refusals {
		got = append(got, r.Who+" "+identity.Name(r.Peer)+" "+r.At.String())
	}
	if want := []string{"south west 6s", "west east 8s"}; !slices.Equal(got, want) {
		t.Errorf("refused were %q, not %q", got, want)
	}
	if got := CountedWith(s, f, refusals); !slices.Equal(got, []int{3}) {
		t.Errorf("counted with %v", got)
	}
	if got := HeldUnder(s, 3); len(got) != 1 || got[0] != f || len(HeldUnder(s, 2)) > 0 {
		t.Errorf("beneath the third command held %v, beneath the second %v", got, HeldUnder(s, 2))
	}
	if Refusals(s, &drill.Fault{FaultProved: drill.FaultProved{Region: "west"}}) != nil {
		t.Error("a fault that is none of trust has refusals")
	}
}

// Where nobody signs, what is refused for want of a certificate is that fault's, whoever refuses whom; another reason is not.
func TestWhoWasRefusedForWantOfASigner(t *testing.T) {
	s := drill.NewState()
	at := func(now time.Duration, b drill.Body) {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: now * time.Second, Body: b})
	}
	tally := func(why identity.Reason) []identity.Tally {
		return []identity.Tally{{Refused: identity.Refused{Reason: why}, Peer: "spiffe://f/region/east/gateway", Times: 1}}
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "east"}, {Name: "west"}, {Name: "south"}}}})
	at(5, drill.FaultProved{ID: 1, Command: 1, Region: topology.EndControl, Part: runbook.PartSigner, From: 5 * time.Second,
		Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: topology.EndControl, Part: runbook.PartSigner, Web: 1, Trust: true}}}})
	at(6, drill.IdentitySampled{Who: "south", Refuses: tally(identity.Expired)})
	at(7, drill.IdentitySampled{Who: "south", Refuses: tally(identity.UnknownAuthority)})
	at(8, drill.IdentitySampled{Who: "west", Refuses: tally(identity.NoCertificate)})
	at(9, drill.FaultLifted{ID: 1, Region: topology.EndControl})
	at(10, drill.IdentitySampled{Who: "west", Refuses: tally(identity.Expired)})
	var got []string
	for _, r := range Refusals(s, s.Fault(1)) {
		got = append(got, r.Who+" "+string(r.Reason))
	}
	if want := []string{"south expired", "west no certificate"}; !slices.Equal(got, want) {
		t.Errorf("refused were %q, not %q", got, want)
	}
}
