package scenario

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// domainFleet has two environments, one of them in one cluster, and a hub.
const domainFleet = `name: mine
regions:
  - {name: us-prod, environment: prod, team: payments}
  - {name: us-one, environment: staging, cluster: staging}
  - {name: us-two, environment: staging, cluster: staging, team: search}
links:
  - {between: [us-prod, us-one], rtt: 2ms}
  - {between: [us-prod, us-two], rtt: 2ms}
  - {between: [us-one, us-two], rtt: 2ms}
users:
  - {name: buyers, count: 10, rate: 1/s, writes: 0%, environment: prod, team: payments, rtt: {us-prod: 1ms, us-one: 1ms, us-two: 1ms}}
datasets:
  - {name: orders, mode: async, authority: us-prod, regions: [us-prod]}
hub: {name: mgmt, place: Oregon, jurisdiction: US, rtt: {us-prod: 30ms}}
`

func TestAFleetSaysItsDomains(t *testing.T) {
	f, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", domainFleet))
	if err != nil {
		t.Fatal(err)
	}
	hub := topology.Hub{Name: "mgmt", Place: "Oregon", Jurisdiction: "US", RTT: map[string]time.Duration{"us-prod": 30 * ms}}
	if f.Hub == nil || !reflect.DeepEqual(*f.Hub, hub) {
		t.Errorf("the hub is %+v", f.Hub)
	}
	if p := f.Users[0]; p.Environment != "prod" || p.Team != "payments" {
		t.Errorf("the users are of %+v", p)
	}
	if got := (topology.Target{Kind: topology.DomainEnvironment, Name: "staging"}).Members(f); !slices.Equal(got, []string{"us-one", "us-two"}) {
		t.Errorf("staging is %q", got)
	}
	if got := (topology.Target{Kind: topology.DomainTeam, Name: "search"}).Members(f); !slices.Equal(got, []string{"us-two"}) {
		t.Errorf("search has %q", got)
	}
}

// A zone's name can't be the hub's too: the faults of both are told by it.
func TestAHubIsNoZone(t *testing.T) {
	zoned := strings.Replace(strings.Replace(domainFleet, "prod, team: payments}", "prod, team: payments, zones: 2}", 1), "name: mgmt", "name: us-prod-b", 1)
	_, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", zoned))
	if want := "mine.yaml:14: the hub has the name of a region's zone; give it a name of its own"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestBadDomains(t *testing.T) {
	for _, b := range []badFile{
		{name: "an environment that no region has", old: "writes: 0%, environment: prod", new: "writes: 0%, environment: prood", want: []string{
			`mine.yaml:11: there is no environment "prood"; did you mean prod?`}},
		{name: "nobody serves both", old: "environment: prod, team: payments, rtt", new: "environment: prod, team: search, rtt", want: []string{
			"mine.yaml:11: no region of environment prod is also of team search, so nobody serves buyers; name one of the two"}},
		{name: "not a name", old: "{name: us-prod, environment: prod", new: "{name: us-prod, environment: The Prod", want: []string{
			`mine.yaml:3: environment "The Prod" is no name here; use lower-case letters, digits and hyphens inside, like the-prod`,
			`mine.yaml:11: there is no environment "prod"; the regions have staging`}},
		{name: "a hub that is a region", old: "name: mgmt", new: "name: us-one", want: []string{
			"mine.yaml:14: the hub has the name of the region in line 4; give it a name of its own"}},
		{name: "a hub that is a cluster", old: "name: mgmt", new: "name: staging", want: []string{
			"mine.yaml:14: the hub has the name of a cluster that regions share; give it a name of its own"}},
		{name: "a hub too far for its probes", old: "us-prod: 30ms", new: "us-prod: 600ms", want: []string{
			"mine.yaml:14: rtt 600ms to us-prod is not below the probe's timeout of 500ms: it would never be seen up; raise routing.probe.timeout"}},
		{name: "a hub's unknown region", old: "us-prod: 30ms", new: "us-prud: 30ms", want: []string{
			`mine.yaml:14: there is no region "us-prud"; did you mean us-prod?`}},
		{name: "a hub in a region, and elsewhere", old: "place: Oregon", new: "in: us-prod, place: Oregon", want: []string{
			"mine.yaml:14: a hub that is in \"us-prod\" is where that is; leave its place, jurisdiction and rtt out"}},
		{name: "a hub that keeps data", old: "place: Oregon", new: "datasets: [orders]", want: []string{
			`mine.yaml:14: unknown key "datasets" in the hub; it takes name, in, place, jurisdiction, rtt`}},
	} {
		t.Run(b.name, func(t *testing.T) {
			_, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", string(b.spoil(t, domainFleet))))
			if err == nil {
				t.Fatal("taken for right")
			}
			lines := strings.Split(err.Error(), "\n")
			for i, l := range lines {
				lines[i] = l[strings.LastIndex(l, "mine.yaml:"):]
			}
			if !slices.Equal(lines, b.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(b.want, "\n"))
			}
		})
	}
}

const domainDrill = `fleet: mine.yaml
title: What falls with staging
steady: {for: 2s, success: 99%}
steps:
  - {at: 0s, do: kill, environment: staging}
  - {at: 1s, do: kill, hub: mgmt}
  - {at: 2s, do: restore, hub: mgmt}
  - {at: 3s, do: restore, cluster: staging}
end: 4s
`

func TestAStepNamesADomain(t *testing.T) {
	dir := t.TempDir()
	file(t, dir, "mine.yaml", domainFleet)
	p, _, err := LoadDrill(file(t, dir, "d.yaml", domainDrill))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Steps {
		got = append(got, s.Command.String())
	}
	if want := []string{"kill environment staging", "kill the hub", "restore the hub", "restore cluster staging"}; !slices.Equal(got, want) {
		t.Errorf("the steps are %q, want %q", got, want)
	}
}

func TestBadTargets(t *testing.T) {
	bare := domainFleet[:strings.Index(domainFleet, "hub:")]
	for _, b := range []struct{ name, fleet, old, new, want string }{
		{"an unknown environment", domainFleet, "kill, environment: staging", "kill, environment: stagin", `there is no environment "stagin"; did you mean staging?`},
		{"no hub in the fleet", bare, "1s, do: kill, hub: mgmt", "1s, do: kill, hub: hub", "the fleet has no hub: its failover controller stands outside every region; name a fleet that has one"},
		{"two at once", domainFleet, "kill, environment: staging", "kill, region: us-prod, environment: staging", "kill names region and environment; keep one of them"},
		{"none", domainFleet, "kill, environment: staging", "kill", `"region" is missing in kill; add region: us-prod`},
		{"killed twice", domainFleet, "1s, do: kill, hub: mgmt", "1s, do: kill, cluster: staging", "in cluster staging, us-one is killed"},
		{"nothing to restore", domainFleet, "3s, do: restore, cluster: staging", "3s, do: restore, environment: prod", "nothing is broken in environment prod: there is nothing to restore"},
		{"no cordon of an environment", domainFleet, "kill, environment: staging", "cordon, environment: staging", `cordon takes no "environment"; it takes region`},
	} {
		t.Run(b.name, func(t *testing.T) {
			dir := t.TempDir()
			file(t, dir, "mine.yaml", b.fleet)
			if !strings.Contains(domainDrill, b.old) {
				t.Fatal("nothing is spoiled")
			}
			_, _, err := LoadDrill(file(t, dir, "d.yaml", strings.Replace(domainDrill, b.old, b.new, 1)))
			if err == nil || !strings.Contains(err.Error(), b.want) {
				t.Errorf("got\n%v\nwant\n%s", err, b.want)
			}
		})
	}
}
