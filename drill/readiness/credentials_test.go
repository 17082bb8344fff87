package readiness

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What keeps the callers of a region from being taken there: certificates that run out before a failover is over, since nobody renews
// them; clocks that are wrong, by how much; and that nobody renews what is good for now.
func TestWhoIsTakenOnceItLeads(t *testing.T) {
	regions := []string{"us-east", "eu-west", "ap-south"}
	fault := func(id int, region, part string) drill.Body {
		return drill.FaultProved{ID: id, Command: id, Region: region, Part: part, Fault: "stop-renewal",
			Effect: runbook.Effect{Weakens: []runbook.Weakening{{Region: region, Part: part, Web: 1, Trust: true}}}}
	}
	for _, tt := range []struct {
		name    string
		ends    time.Duration           // of the certificate of who is told of, from now on
		who     string                  // whose certificate, or clock
		ahead   time.Duration           // of its clock
		happens []drill.Body            // after it
		fleet   func(f *topology.Fleet) // what is else of the fleet
		want    string                  // of eu-west's credentials
	}{
		{name: "all is well", who: "eu-west", ends: time.Hour, want: "ready certificate good until 15:00:00 UTC, renewed before"},
		{name: "due, and renewed meanwhile", who: "eu-west", ends: 10 * time.Minute, want: "ready certificate good until 14:10:00 UTC, renewed before"},
		{name: "renewed by nobody", who: "eu-west", ends: time.Hour, happens: []drill.Body{fault(1, "eu-west", runbook.PartRenewal)},
			want: "not ready its certificate is good until 15:00:00 UTC, and not renewed: the signer renews it no more; mend-trust eu-west"},
		{name: "runs out meanwhile", who: "eu-west", ends: time.Second, happens: []drill.Body{fault(1, "eu-west", runbook.PartRenewal)},
			want: "not ready within 4.0 s, before a failover is over, ap-south refuses eu-west: certificate expired at 14:00:01 UTC; mend-trust eu-west"},
		{name: "a caller's runs out meanwhile", who: "ap-south", ends: time.Second, happens: []drill.Body{fault(1, "ap-south", runbook.PartRenewal)},
			want: "not ready within 4.0 s, before a failover is over, eu-west refuses ap-south: certificate expired at 14:00:01 UTC; mend-trust ap-south"},
		{name: "of a caller that is lost with the leader", who: "us-east", ends: time.Second, happens: []drill.Body{fault(1, "us-east", runbook.PartRenewal)},
			want: "ready certificate good until 15:00:00 UTC, renewed before"},
		{name: "its clock is ahead", who: "eu-west", ends: time.Hour, ahead: 2 * time.Hour,
			want: "not ready eu-west refuses the failover controller: certificate expired at 15:00:00 UTC (its clock is 2h 00m ahead): nobody can have it lead; mend-trust eu-west"},
		{name: "a caller's clock will be too far ahead", who: "ap-south", ends: time.Hour, ahead: time.Hour - 2*time.Second, happens: []drill.Body{fault(1, "eu-west", runbook.PartRenewal)},
			want: "not ready within 4.0 s, before a failover is over, ap-south refuses eu-west: certificate expired at 15:00:00 UTC (its clock is 59m 58s ahead); mend-trust ap-south"},
		{name: "the signer is gone", who: "eu-west", ends: time.Hour, happens: []drill.Body{drill.FaultProved{ID: 1, Command: 1, Region: topology.EndControl, Part: runbook.PartSigner, Fault: "kill-signer",
			Effect: runbook.Effect{Undo: "restore-signer", Weakens: []runbook.Weakening{{Region: topology.EndControl, Part: runbook.PartSigner, Web: 1, Trust: true}}}}},
			want: "not ready its certificate is good until 15:00:00 UTC, and not renewed: the signer is killed; restore-signer"},
		{name: "was not renewed", who: "eu-west", ends: 4 * time.Minute,
			want: "not ready its certificate is good until 14:04:00 UTC, and was not renewed in time; look at the signer"},
		{name: "the signer is killed", who: "eu-west", ends: time.Hour, happens: []drill.Body{drill.FaultProved{ID: 1, Command: 1, Region: topology.EndControl, Part: runbook.PartSigner, Fault: "kill-signer",
			Effect: runbook.Effect{Undo: "restore-signer", Weakens: []runbook.Weakening{{Region: topology.EndControl, Part: runbook.PartSigner, Web: 1, Trust: true}}}}},
			want: "not ready its certificate is good until 15:00:00 UTC, and not renewed: the signer is killed; restore-signer"},
		{name: "the signer is away", who: "eu-west", ends: time.Hour, fleet: func(f *topology.Fleet) { f.Hub = &topology.Hub{Name: "hub"} },
			happens: []drill.Body{drill.RegionJudged{Region: "hub", Up: false}},
			want:    "not ready its certificate is good until 15:00:00 UTC, and not renewed: the signer is away with the hub; restore the hub"},
	} {
		s := well(t)
		if tt.fleet != nil {
			f := s.Fleet
			tt.fleet(&f)
			s = story{drill.NewState()}
			s.happens(drill.DrillStarted{Fleet: f})
			for _, r := range append([]string{topology.EndControl, "hub"}, regions...) {
				s.happens(drill.IdentitySampled{Who: r, Status: holds(f, r, began.Add(time.Hour), append(regions, "hub"))})
			}
		}
		st := holds(s.Fleet, tt.who, began.Add(tt.ends), s.Fleet.Standing().RegionNames())
		st.Now = st.Now.Add(tt.ahead)
		s.happens(drill.IdentitySampled{Who: tt.who, Status: st})
		s.happens(tt.happens...)
		q := Question{s.State, s.Dataset("orders"), "eu-west", Lost(s.State, "us-east")}
		got := string("nothing")
		if f := credentials.Find(q); f != nil {
			got = string(f.Status) + " " + f.Why
			if f.Next != "" {
				got += "; " + f.Next
			}
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What nobody has told of himself is not known, and a fleet without certificates is asked nothing.
func TestCredentialsThatAreNotKnown(t *testing.T) {
	s := well(t)
	s.happens(drill.IdentitySampled{Who: "eu-west", Status: identity.Status{ID: "spiffe://eu-west.three/region/eu-west/gateway"}})
	if f := credentials.Find(Question{s.State, s.Dataset("orders"), "eu-west", Lost(s.State, "us-east")}); f == nil || f.Status != preflight.Unknown {
		t.Errorf("without a certificate: %+v", f)
	}
	f := s.Fleet
	s = story{drill.NewState()}
	s.happens(drill.DrillStarted{Fleet: f}, drill.IdentitySampled{Who: "eu-west", Status: holds(f, "eu-west", began.Add(time.Hour), f.RegionNames())})
	if f := credentials.Find(Question{s.State, s.Dataset("orders"), "eu-west", Lost(s.State, "us-east")}); f == nil || f.Status != preflight.Unknown || !strings.Contains(f.Why, "is not known") {
		t.Errorf("callers of whom nothing is known: %+v", f)
	}
	f.Identity = nil
	s = story{drill.NewState()}
	s.happens(drill.DrillStarted{Fleet: f})
	if f := credentials.Find(Question{s.State, s.Dataset("orders"), "eu-west", Lost(s.State, "us-east")}); f != nil {
		t.Errorf("a fleet without certificates: %+v", f)
	}
}
