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
	if got := f.Members(topology.DomainEnvironment, "staging"); !slices.Equal(got, []string{"us-one", "us-two"}) {
		t.Errorf("staging is %q", got)
	}
	if got := f.Members(topology.DomainTeam, "search"); !slices.Equal(got, []string{"us-two"}) {
		t.Errorf("search has %q", got)
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
		{name: "a hub that keeps data", old: "place: Oregon", new: "datasets: [orders]", want: []string{
			`mine.yaml:14: unknown key "datasets" in the hub; it takes name, place, jurisdiction, rtt`}},
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
