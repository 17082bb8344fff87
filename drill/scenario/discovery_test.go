package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestDiscoveryIsRead(t *testing.T) {
	for _, tt := range []struct {
		says string
		want topology.Discovery // of eu-west
	}{
		{"", topology.Discovery{TTL: 5 * time.Second, Cache: topology.CacheTTL}},
		{"discovery: mirror", topology.Discovery{Kind: topology.DiscoveryMirror, TTL: 5 * time.Second, Cache: topology.CacheTTL}},
		{"discovery: {kind: bare-dns, ttl: 30s, cache: process}", topology.Discovery{Kind: topology.DiscoveryBareDNS, TTL: 30 * time.Second, Cache: topology.CacheProcess}},
	} {
		s := parse("fleet.yaml", []byte(goodFleet+tt.says+"\n"))
		f := readFleet(s)
		if err := s.err(); err != nil {
			t.Fatal(err)
		}
		if got := f.DiscoveryOf("eu-west"); got != tt.want || topology.Discovers(f) != (tt.want.Kind != "") {
			t.Errorf("%q: %+v, want %+v", tt.says, got, tt.want)
		}
	}
	own := strings.Replace(goodFleet, "{name: ap-south}", "{name: ap-south, discovery: fleet}", 1)
	f := readFleet(parse("fleet.yaml", []byte(own)))
	if f.DiscoveryOf("ap-south").Kind != topology.DiscoveryFleet || f.DiscoveryOf("us-east").Kind != "" || !topology.Discovers(f) {
		t.Errorf("a region's own: %+v", f.Regions)
	}
}

func TestBadDiscovery(t *testing.T) {
	for _, tt := range []badFile{
		{"no such kind", "web: {", "discovery: mirrored\nweb: {", []string{
			`fleet.yaml:16: there is no kind of discovery "mirrored"; did you mean mirror?`}},
		{"a kind is missing", "web: {", "discovery: {ttl: 5s}\nweb: {", []string{
			`fleet.yaml:16: "kind" is missing in discovery; add kind: fleet`}},
		{"a TTL between seconds", "web: {", "discovery: {kind: bare-dns, ttl: 1500ms}\nweb: {", []string{
			"fleet.yaml:16: ttl 1.5s is not in whole seconds, and DNS has no others; write 2s"}},
		{"a TTL of no name", "web: {", "discovery: {kind: mirror, ttl: 5s}\nweb: {", []string{
			"fleet.yaml:16: ttl is of names, and no region finds authorities by one; leave it out, or write kind: bare-dns"}},
		{"of a region", "{name: ap-south}", "{name: ap-south, discovery: dns}", []string{
			`fleet.yaml:5: there is no kind of discovery "dns"; there are bare-dns, mirror, fleet`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse("fleet.yaml", tt.spoil(t, goodFleet))
			readFleet(s)
			tt.check(t, s.err())
		})
	}
}

// What nothing of the fleet can measure is not asked for.
func TestAnObjectiveNeedsWhatItMeasures(t *testing.T) {
	for objective, want := range map[string]string{
		"stale_endpoints: 5s": "stale_endpoints can't be measured: no region of three-regions finds authorities by itself; leave it out, or write discovery: fleet into the fleet file",
		"own_reads: 90%":      "own_reads can't be measured: nobody of three-regions looks at what they have written; leave it out, or give a population read_own: 30% in the fleet file",
	} {
		drill := strings.Replace(goodDrill, "objectives: {", "objectives: {"+objective+", ", 1)
		if drill == goodDrill {
			t.Fatal("the good drill has no objectives to add to")
		}
		if _, _, err := LoadDrill(file(t, t.TempDir(), "drill.yaml", drill)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", objective, err)
		}
	}
}
