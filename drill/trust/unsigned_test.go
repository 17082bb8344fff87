package trust

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fleet whose signer is gone is told whose certificate runs out first, by that one's own clock, and that nothing is known of who said
// nothing; once the signer is back it is no fault any more.
func TestWhatAFleetWithoutASignerLoses(t *testing.T) {
	at := time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)
	f := topology.Fleet{Name: "duo", Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}, {Name: "ap-south"}},
		Identity: &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour}}
	s := drill.NewState()
	apply := func(now time.Duration, b drill.Body) {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: now, Body: b})
	}
	apply(0, drill.DrillStarted{Fleet: f})
	w := runbook.Weakening{Region: topology.SignerAt(f), Part: runbook.PartSigner, Web: 1, Trust: true}
	if got := strings.Join(Without(s, w), "\n"); !strings.HasSuffix(got, "when certificates run out is not known") {
		t.Errorf("before anybody was asked: %s", got)
	}
	for region, left := range map[string]time.Duration{"us-east": 10 * time.Minute, "eu-west": 4 * time.Second} {
		st := identity.Status{ID: topology.GatewayID(f, region)}
		st.Now, st.SVID = at, &identity.SVID{ID: st.ID, Until: at.Add(left)}
		apply(time.Second, drill.IdentitySampled{Who: region, Status: st})
	}
	apply(2*time.Second, drill.NoteWritten{Text: "a second later"})
	want := []string{
		"nobody signs: no certificate is renewed, and a region that starts anew gets none",
		"eu-west's certificate runs out first, at 14:00:04 UTC, in 3.0 s; the last, us-east's, at 14:10:00 UTC, in 9m 59s",
		"open connections go on; from then on who connects anew is refused",
	}
	if got := Without(s, w); !slices.Equal(got, want) {
		t.Errorf("a signer that goes away: %q", got)
	}
	if Unsigned(s) != nil || Unrenewed(s, "eu-west") != "" {
		t.Error("the signer is gone before anything was done to it")
	}
	apply(3*time.Second, drill.FaultProved{ID: 1, Command: 1, Fault: "kill-signer", Region: w.Region, Part: w.Part, Effect: runbook.Effect{Weakens: []runbook.Weakening{w}}})
	if Unsigned(s) != s.Fault(1) || Unrenewed(s, "eu-west") != "the signer is killed" {
		t.Errorf("it is gone: %v, %q", Unsigned(s), Unrenewed(s, "eu-west"))
	}
	apply(20*time.Second, drill.FaultLifted{ID: 1, Region: w.Region})
	if Unsigned(s) != nil || Unrenewed(s, "eu-west") != "" {
		t.Error("it is back, and gone still")
	}
	if got := Without(s, w)[1]; !strings.HasPrefix(got, "eu-west's certificate runs out first, at 14:00:04 UTC, which is over") {
		t.Errorf("later: %s", got)
	}
}
