package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/place"
)

const placedFleet = `name: mine
regions:
  - {name: us, place: "aws:us-east-1"}
  - {name: eu, place: "azure:northeurope"}
  - {name: office, place: "Room 3: left", jurisdiction: EU}
links:
  - {between: [us, office], rtt: 90ms}
  - {between: [eu, office], rtt: 9ms}
users:
  - {name: people, place: "gcp:europe-west2", count: 1, rate: 1/s, writes: 0%, rtt: {office: 20ms}}
datasets:
  - {name: d, mode: async, authority: us, regions: [us]}
hub: {place: "aws:us-west-2", rtt: {office: 80ms}}
`

func TestPlacesStandForWhatIsLeftOut(t *testing.T) {
	f, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", placedFleet))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		got  any
		want any
	}{
		{"the link", f.RTTs("us")["eu"], 67 * ms},
		{"a link that is written", f.RTTs("us")["office"], 90 * ms},
		{"the law of a place", f.Regions[1].Jurisdiction, "EU"},
		{"users to us", f.Users[0].RTT["us"], 86 * ms},
		{"users to a region that is written", f.Users[0].RTT["office"], 20 * ms},
		{"the hub to us", f.Hub.RTT["us"], 64 * ms},
		{"the hub to a region that is written", f.Hub.RTT["office"], 80 * ms},
		{"the hub's law", f.Hub.Jurisdiction, "US"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, tt.got, tt.want)
		}
	}
	written, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", strings.Replace(placedFleet, "links:", "links:\n  - {between: [eu, us], rtt: 1ms}", 1)))
	if err != nil || written.RTTs("us")["eu"] != ms || len(written.Links) != 3 {
		t.Errorf("a link that is written takes %s: %v", written.RTTs("us")["eu"], err)
	}
}

func TestBadPlaces(t *testing.T) {
	for _, b := range []badFile{
		{name: "an unknown place", old: "aws:us-east-1", new: "aws:us-east-7", want: []string{
			`mine.yaml:3: no round trips are known from "aws:us-east-7"; did you mean aws:us-east-1?`}},
		{name: "a place like no other", old: "gcp:europe-west2", new: "gcp:the-moon-and-back", want: []string{
			"mine.yaml:10: no round trips are known from \"gcp:the-moon-and-back\"; `fleetdrill show places` lists those that are known"}},
		{name: "no rtt to a region without a known place", old: ", rtt: {office: 20ms}", new: "", want: []string{
			"mine.yaml:10: no rtt to office, whose place is not of the table; add rtt: {office: 100ms}"}},
		{name: "no place and no rtt", old: `place: "gcp:europe-west2", count: 1, rate: 1/s, writes: 0%, rtt: {office: 20ms}`, new: "count: 1, rate: 1/s, writes: 0%", want: []string{
			`mine.yaml:10: "rtt" is missing in a population; add rtt: {us: 12ms}, to every region`}},
		{name: "farther than users wait", old: "count: 1,", new: "count: 1, timeout: 80ms,", want: []string{
			"mine.yaml:10: rtt 86ms to us is not below the users' timeout of 80ms: no request there could succeed; raise timeout or lower rtt"}},
		{name: "a hub whose place is too far for its probes", old: "rtt: {office: 80ms}}\n", new: "rtt: {office: 20ms}}\nrouting: {probe: {timeout: 100ms}}\n", want: []string{
			"mine.yaml:13: rtt 130ms to eu is not below the probe's timeout of 100ms: it would never be seen up; raise routing.probe.timeout"}},
		{name: "a hub whose region is too far for its probes", old: `hub: {place: "aws:us-west-2", rtt: {office: 80ms}}`, new: "hub: {in: office}\nrouting: {probe: {timeout: 60ms}}", want: []string{
			"mine.yaml:13: rtt 90ms to us is not below the probe's timeout of 60ms: it would never be seen up; raise routing.probe.timeout"}},
	} {
		t.Run(b.name, func(t *testing.T) {
			_, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", string(b.spoil(t, placedFleet))))
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

// Sixty regions by their places need no link by hand, and each pair has one.
func TestSixtyRegionsByTheirPlaces(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: sixty\nregions:\n")
	names := place.Names()
	for i := range 60 {
		fmt.Fprintf(&b, "  - {name: r%d, place: %q}\n", i, names[i%len(names)])
	}
	b.WriteString("users: [{name: people, place: \"aws:eu-west-1\", count: 1, rate: 1/s, writes: 0%}]\n" +
		"datasets: [{name: d, mode: async, authority: r0, regions: [r0, r1]}]\n")
	began := time.Now()
	f, err := LoadFleet(file(t, t.TempDir(), "sixty.yaml", b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Links) != 60*59/2 || len(f.Users[0].RTT) != 60 {
		t.Errorf("%d links and %d distances", len(f.Links), len(f.Users[0].RTT))
	}
	for _, l := range f.Links {
		if l.RTT <= 0 {
			t.Errorf("%v takes %s", l.Between, l.RTT)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to read", took)
	}
}
