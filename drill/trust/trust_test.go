package trust

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fleet of three whose eu-west lacks the bundle of ap-south: a failover there leaves ap-south's writes outside, and says so
// before it is done; once ap-south's certificate has run out, us-east refuses it too.
func TestWhoWouldBeRefused(t *testing.T) {
	at := time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)
	regions := []string{"us-east", "eu-west", "ap-south"}
	s := drill.NewState()
	f := topology.Fleet{Name: "duo", Identity: &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour}}
	for _, r := range regions {
		f.Regions = append(f.Regions, topology.Region{Name: r})
	}
	apply := func(now time.Duration, b drill.Body) {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: now, Body: b})
	}
	apply(0, drill.DrillStarted{Fleet: f})
	if Ready(s, "eu-west", nil) != nil {
		t.Error("something is known of trust before anybody was asked")
	}
	for _, r := range regions {
		st := identity.Status{ID: topology.GatewayID(f, r)}
		st.SVID = &identity.SVID{ID: st.ID, Authority: "key-of-" + r, From: at, Until: at.Add(time.Hour)}
		st.Now, st.Bundles = at, map[string][]string{}
		for _, other := range regions {
			st.Domains = append(st.Domains, topology.TrustDomain(f, other))
			if r != "eu-west" || other != "ap-south" {
				st.Bundles[topology.TrustDomain(f, other)] = []string{"key-of-" + other}
			}
		}
		apply(time.Second, drill.IdentitySampled{Who: r, Status: st})
	}
	say := func(region string, away func(string) bool) (out string) {
		for _, r := range Ready(s, region, away) {
			out += r.String() + "\n"
		}
		return out
	}
	if got := say("eu-west", nil); got != "eu-west refuses ap-south: unknown authority of domain ap-south.duo\n" {
		t.Errorf("eu-west as a target: %s", got)
	}
	if got := say("eu-west", func(r string) bool { return r == "ap-south" }); got != "" {
		t.Errorf("eu-west while ap-south is away: %s", got)
	}
	if got := say("us-east", nil); got != "" {
		t.Errorf("us-east as a target: %s", got)
	}
	apply(time.Hour+3*time.Second, drill.NoteWritten{Text: "later"})
	if got := say("us-east", func(r string) bool { return r == "eu-west" }); got != "ap-south refuses us-east: certificate expired at 15:00:00 UTC\n" {
		t.Errorf("us-east an hour later: %s", got)
	}
}
