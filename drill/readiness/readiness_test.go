package readiness

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// story is a fleet of three regions in which all is known and well: orders is led in us-east, and each region takes 100 requests/s.
type story struct{ *drill.State }

var began = time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)

func (s story) happens(bodies ...drill.Body) {
	for _, b := range bodies {
		s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now + time.Millisecond, Body: b})
	}
}

func well(t *testing.T) story {
	t.Helper()
	regions := []string{"us-east", "eu-west", "ap-south"}
	f := topology.Fleet{
		Name: "three", Identity: &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute},
		Config:   &topology.Config{Mode: topology.ConfigManual, Every: time.Second},
		Web:      topology.Web{Replicas: 2, Capacity: 100},
		Routing:  topology.Routing{Policy: "nearest", Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Fence: true, Lease: 4 * time.Second},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "us-east", Regions: regions}},
		Users: []topology.Population{
			{Name: "americas", Rate: 60, RTT: map[string]time.Duration{"us-east": 1, "eu-west": 2, "ap-south": 3}},
			{Name: "europe", Rate: 40, RTT: map[string]time.Duration{"us-east": 2, "eu-west": 1, "ap-south": 3}},
		},
	}
	s := story{drill.NewState()}
	for _, r := range regions {
		f.Regions = append(f.Regions, topology.Region{Name: r})
	}
	s.happens(drill.DrillStarted{Fleet: f})
	stores := drill.StoresSampled{AtRisk: map[string]uint64{"orders": 3}}
	s.happens(drill.IdentitySampled{Who: topology.EndControl, Status: holds(f, topology.EndControl, began.Add(time.Hour), regions)})
	for _, r := range regions {
		s.happens(drill.RegionJudged{Region: r, Up: true})
		lag := uint64(3)
		one := telemetry.Replica{Dataset: "orders", Region: r, Role: role.Follower, Epoch: 1, LastIn: 1, Position: 10, Entries: 10, LagWrites: &lag}
		if r == "us-east" {
			one.Role, one.Position, one.Entries = role.Authority, 13, 13
		}
		stores.Stores = append(stores.Stores, one)
		s.happens(drill.IdentitySampled{Who: r, Status: holds(f, r, began.Add(time.Hour), regions)},
			drill.Configured{News: config.Released{Revision: "abcdef012345", Of: 1, Regions: []string{r}}},
			drill.Configured{News: config.Applied{Region: r, Revision: "abcdef012345"}},
			drill.Configured{News: config.Surveyed{Region: r, Revision: "abcdef012345", Has: config.Meaning{Version: "v1", Writers: []string{"orders"}, Isolated: true, Reach: regions}}})
	}
	s.happens(stores)
	return s
}

// holds is the identity of a region's gateway, or of the failover controller: it trusts all, and its certificate is good until then.
func holds(f topology.Fleet, who string, until time.Time, regions []string) identity.Status {
	st := identity.Status{ID: topology.GatewayID(f, who)}
	if who == topology.EndControl {
		st.ID = topology.ControllerID(f)
	}
	st.SVID = &identity.SVID{ID: st.ID, Authority: "key-of-" + who, From: until.Add(-time.Hour), Until: until}
	st.Now, st.Bundles = began, map[string][]string{topology.ControllerDomain(f): {"key-of-" + topology.EndControl}}
	for _, other := range regions {
		st.Domains = append(st.Domains, topology.TrustDomain(f, other))
		st.Bundles[topology.TrustDomain(f, other)] = []string{"key-of-" + other}
	}
	return st
}

// says is what a region comes to as the next one to lead orders: what is not ready of it, or that it is.
func (s story) says(region string) string {
	t, known := preflight.Of(Of(s.State, s.Dataset("orders")), region)
	if !known {
		return "no such region"
	}
	var against []string
	for _, f := range t.Against() {
		against = append(against, f.Check+" "+string(f.Status)+": "+f.Why)
	}
	if len(against) == 0 {
		return string(t.Status())
	}
	return strings.Join(against, "\n")
}

// Each thing that keeps a region from being ready to lead is found by its own check, and by no other.
func TestWhatKeepsARegionFromBeingReady(t *testing.T) {
	binding := config.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: config.Namespace, Name: "write-orders"}
	roleGone := config.Edited{Region: "eu-west", Fields: []config.Field{{Object: binding, Wanted: "there"}}}
	survey := func(region string, m config.Meaning) drill.Body {
		news := config.Surveyed{Region: region, Revision: "abcdef012345", Has: m}
		if !m.Writes("orders") {
			news.Lacks = []string{"orders"}
		}
		return drill.Configured{News: news}
	}
	for _, tt := range []struct {
		name    string
		happens []drill.Body
		region  string
		want    string
	}{
		{"all is well", nil, "eu-west", "ready"},
		{"who leads", nil, "us-east", "ready"},
		{"a role revoked by hand", []drill.Body{drill.Configured{News: roleGone}}, "eu-west",
			"config not ready: RoleBinding/write-orders is missing\nroles not ready: no role lets orders be written: writes are refused (403)"},
		{"of which another knows nothing", []drill.Body{drill.Configured{News: roleGone}}, "ap-south", "ready"},
		{"a role that its overlay lacks", []drill.Body{survey("eu-west", config.Meaning{Version: "v1", Isolated: true, Reach: []string{"us-east", "ap-south"}})}, "eu-west",
			"roles not ready: no role lets orders be written: writes are refused (403)"},
		{"an older revision", []drill.Body{drill.Configured{News: config.Released{Revision: "fedcba987654", Of: 1, Regions: []string{"eu-west"}}}}, "eu-west",
			"config not ready: has abcdef0, and is to have fedcba9"},
		{"a hub that is gone", []drill.Body{drill.Configured{News: config.Unreached{On: true, Why: "the hub does not answer"}}}, "eu-west",
			"config unknown: nobody can have compared it since 00:00.0: the hub does not answer"},
		{"a flag", []drill.Body{survey("eu-west", config.Meaning{Version: "v1", Writers: []string{"orders"}, Flags: map[string]string{config.FlagReadOnly: "true"}})}, "eu-west",
			"release not ready: the flag read-only refuses its users' writes"},
		{"a policy of another region", []drill.Body{survey("ap-south", config.Meaning{Version: "v1", Writers: []string{"orders"}, Isolated: true, Reach: []string{"us-east"}})}, "eu-west",
			"network not ready: no network policy lets ap-south reach eu-west"},
		{"a killed region", []drill.Body{drill.FaultProved{ID: 1, Region: "eu-west", Fault: "kill", Done: "killed", Effect: runbook.Effect{Stops: []string{"eu-west"}, Undo: runbook.VerbRestore}}}, "eu-west",
			"region not ready: eu-west is killed\nconfig unknown: nobody can have compared it since 00:00.0: it is killed"},
		{"a store that hangs", []drill.Body{drill.StoreStalled{Dataset: "orders", Region: "eu-west", Why: "its disk is full"}}, "eu-west",
			"data not ready: the store of orders in eu-west takes no writes: its disk is full"},
		{"more users", []drill.Body{drill.RegionScaled{Region: "eu-west", Was: 2, Replicas: 1}}, "eu-west",
			"capacity not ready: would get 100 requests/s, and takes 50"},
		{"less that each takes by a commit", []drill.Body{drill.Configured{News: config.Applied{Region: "eu-west", Revision: "abcdef012345", Fields: setTo(config.Variable(config.EnvCapacity), "20")}}}, "eu-west",
			"capacity not ready: would get 100 requests/s, and takes 40"},
	} {
		s := well(t)
		s.happens(tt.happens...)
		if got := s.says(tt.region); !strings.HasPrefix(got, tt.want) || tt.want == "ready" && got != "ready" {
			t.Errorf("%s: %s is\n%s\nwant\n%s", tt.name, tt.region, got, tt.want)
		}
	}
}

// A gate passes a region over for room that it lacks, but for a tenth: what is a little too small is said, and leads all the same.
func TestTheGateGoesByCapacity(t *testing.T) {
	for each, refused := range map[string]bool{"49": false, "45": false, "44": true, "10": true} { // two replicas, 100 requests/s
		s := well(t)
		s.happens(drill.Configured{News: config.Applied{Region: "eu-west", Revision: "abcdef012345", Fields: setTo(config.Variable(config.EnvCapacity), each)}})
		target, _ := preflight.Of(Of(s.State, s.Dataset("orders")), "eu-west")
		if got := len(target.Refused()) > 0; target.Status() != preflight.Unready || got != refused {
			t.Errorf("two replicas of %s/s: %s, refused %v", each, target.Status(), got)
		}
	}
}

func setTo(f config.Field, value string) []config.Field {
	f.Wanted = value
	return []config.Field{f}
}

// What a region runs is what it was last told to run, not what a look before that found.
func TestTheReleaseIsTheOneThatRuns(t *testing.T) {
	s := well(t)
	s.happens(drill.Configured{News: config.Applied{Region: "eu-west", Revision: "abcdef012345", Fields: setTo(config.Variable(config.EnvVersion), "v2")}})
	target, _ := preflight.Of(Of(s.State, s.Dataset("orders")), "eu-west")
	i := slices.IndexFunc(target.Findings, func(f preflight.Finding) bool { return f.Check == "release" })
	if f := target.Findings[i]; f.Why != "runs v2" {
		t.Errorf("it %s", f.Why)
	}
}

// Once the leader is lost, how far a replica is behind it is no longer known; it is ready by what those that answer have.
func TestReadyWhenTheLeaderIsLost(t *testing.T) {
	s := well(t)
	s.happens(drill.FaultProved{ID: 1, Region: "us-east", Fault: "kill", Done: "killed", Effect: runbook.Effect{Stops: []string{"us-east"}, Undo: runbook.VerbRestore}},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "orders", Region: "us-east", Stale: true, Epoch: 1, LastIn: 1, Position: 13, Entries: 13},
			{Dataset: "orders", Region: "eu-west", Role: role.Follower, Epoch: 1, LastIn: 1, Position: 10, Entries: 10},
			{Dataset: "orders", Region: "ap-south", Role: role.Follower, Epoch: 1, LastIn: 1, Position: 12, Entries: 12},
		}})
	for region, want := range map[string]string{"eu-west": "2 writes behind ap-south; the leader is lost", "ap-south": "no region that answers has more; the leader is lost"} {
		target, _ := preflight.Of(Of(s.State, s.Dataset("orders")), region)
		i := slices.IndexFunc(target.Findings, func(f preflight.Finding) bool { return f.Check == "data" })
		if f := target.Findings[i]; f.Status != preflight.Ready || f.Why != want {
			t.Errorf("%s: %s %s", region, f.Status, f.Why)
		}
	}
}

// Where nothing is known of a region it is not ready, and what bars it from leading is all that is said.
func TestWhatIsNotKnownIsNotReady(t *testing.T) {
	f := well(t).Fleet
	f.Datasets[0].Mode, f.Datasets[0].Jurisdiction = topology.ModePinned, "EU"
	f.Regions[0].Jurisdiction, f.Regions[1].Jurisdiction = "EU", "EU"
	s := story{drill.NewState()}
	s.happens(drill.DrillStarted{Fleet: f})
	targets := Of(s.State, s.Dataset("orders"))
	for _, target := range targets[:2] {
		for _, finding := range target.Findings {
			if finding.Status == preflight.Ready && finding.Check != "residency" && finding.Check != "capacity" {
				t.Errorf("%s of %s is ready before anything was heard: %s", finding.Check, target.Region, finding.Why)
			}
		}
		if target.Status() != preflight.Unknown {
			t.Errorf("%s is %s", target.Region, target.Status())
		}
	}
	if out := targets[2]; out.Status() != preflight.Barred || len(out.Findings) != 1 || out.Findings[0].Why != "residency: orders is pinned to EU, ap-south is in no jurisdiction" {
		t.Errorf("outside the jurisdiction: %+v", out)
	}
}
