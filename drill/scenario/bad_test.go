package scenario

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// goodFleet is a fleet file with nothing wrong in it; tests spoil it.
const goodFleet = `name: mine
regions:
  - {name: us-east, place: Virginia, jurisdiction: US}
  - {name: eu-west, place: Ireland, jurisdiction: EU}
  - {name: ap-south}
links:
  - {between: [us-east, eu-west], rtt: 80ms, jitter: 2ms, bandwidth: 200Mbps}
  - {between: [us-east, ap-south], rtt: 220ms}
  - {between: [ap-south, eu-west], rtt: 140ms}
users:
  - {name: americas, count: 5000, rate: 40/s, writes: 25%, timeout: 1.5s, slow: 150ms, rtt: {us-east: 15ms, eu-west: 95ms, ap-south: 230ms}}
datasets:
  - {name: orders, engine: log, mode: async, authority: us-east, regions: [us-east, eu-west]}
routing: {policy: nearest, dns_ttl: 2s, probe: {every: 250ms, timeout: 500ms, down_after: 3, up_after: 4}}
failover: {decide: operator, fence: false, lease: 2s}
web: {replicas: 3, capacity: 0.5/s}
`

type badFile struct {
	name     string
	old, new string // what is spoiled, and with what; old "" replaces the whole file
	want     []string
}

func (b badFile) spoil(t *testing.T, good string) []byte {
	t.Helper()
	if b.old == "" {
		return []byte(b.new)
	}
	if strings.Count(good, b.old) == 0 {
		t.Fatalf("%q is not in the good file", b.old)
	}
	return []byte(strings.Replace(good, b.old, b.new, 1))
}

func (b badFile) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("taken for right")
	}
	if got, want := err.Error(), strings.Join(b.want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBadFleets(t *testing.T) {
	tests := []badFile{
		// The file as a whole.
		{name: "empty", new: "", want: []string{
			"fleet.yaml: is empty; see the files that ship for an example",
		}},
		{name: "only a comment", new: "# nothing\n", want: []string{
			"fleet.yaml: is empty; see the files that ship for an example",
		}},
		{name: "not YAML", old: "regions:\n", new: "regions: [\n", want: []string{
			"fleet.yaml:2: this is not YAML: did not find expected node content; look for a bracket, a quote or a colon that is missing, or a tab",
		}},
		{name: "a tab", old: "  - {name: us-east", new: "\t- {name: us-east", want: []string{
			"fleet.yaml:3: this is not YAML: found character that cannot start any token; look for a bracket, a quote or a colon that is missing, or a tab",
		}},
		{name: "a list", new: "- name: mine\n", want: []string{
			"fleet.yaml:1: a fleet is written as keys and values; it takes name, regions, links, users, datasets, routing, failover, web, hub, discovery, config, identity",
		}},
		{name: "a word", new: "mine\n", want: []string{
			"fleet.yaml:1: a fleet is written as keys and values; it takes name, regions, links, users, datasets, routing, failover, web, hub, discovery, config, identity",
		}},
		{name: "two documents", old: "web:", new: "---\nweb:", want: []string{
			"fleet.yaml:16: a second document begins here; a file holds one",
		}},
		{name: "too long", new: "# " + strings.Repeat("x", strict.MaxBytes), want: []string{
			"fleet.yaml: is longer than 256 KiB; such a file takes a few",
		}},
		{name: "aliases", old: "name: mine", new: "name: &n mine\ncopy: *n", want: []string{
			"fleet.yaml:1: anchors and aliases are not read here; write the value out",
		}},
		{name: "a merge key", old: "web: {", new: "web: {<<: {replicas: 2}, ", want: []string{
			`fleet.yaml:16: unknown key "<<" in web; it takes replicas, capacity, queue`,
		}},
		{name: "a tag", old: "name: mine", new: "name: !!binary bWluZQ==", want: []string{
			"fleet.yaml:1: tags like !!binary are not read here; write the plain value",
		}},
		{name: "deep", old: "web: {", new: "web: {replicas: [[[[[[[[1]]]]]]]], ", want: []string{
			"fleet.yaml:16: is nested more than 8 deep; see the files that ship for an example",
		}},
		{name: "everything missing", new: "{}\n", want: []string{
			`fleet.yaml:1: "name" is missing in a fleet; add name: three-regions`,
			`fleet.yaml:1: "regions" is missing in a fleet; add regions: [{name: us-east, place: Virginia}]`,
			`fleet.yaml:1: "users" is missing in a fleet; add users, or nothing is measured`,
			`fleet.yaml:1: "datasets" is missing in a fleet; add datasets, which the users read and write`,
		}},

		// Keys.
		{name: "unknown key, nearly right", old: "routing:", new: "routin:", want: []string{
			`fleet.yaml:14: unknown key "routin" in a fleet; did you mean routing?`,
		}},
		{name: "unknown key, nothing like it", old: "web:", new: "pets:", want: []string{
			`fleet.yaml:16: unknown key "pets" in a fleet; it takes name, regions, links, users, datasets, routing, failover, web, hub, discovery, config, identity`,
		}},
		{name: "unknown key inside", old: "place: Virginia", new: "plaice: Virginia", want: []string{
			`fleet.yaml:3: unknown key "plaice" in a region; did you mean place?`,
		}},
		{name: "key in another case", old: "dns_ttl", new: "DNS_TTL", want: []string{
			`fleet.yaml:14: unknown key "DNS_TTL" in routing; did you mean dns_ttl?`,
		}},
		{name: "key twice", old: "web:", new: "web: {replicas: 1}\nweb:", want: []string{
			`fleet.yaml:17: key "web" is there twice, first in line 16; keep one`,
		}},
		{name: "key inside twice", old: "place: Virginia", new: "name: us-west", want: []string{
			`fleet.yaml:3: key "name" is there twice, first in line 3; keep one`,
		}},
		{name: "key without a value", old: "place: Virginia", new: "place: ", want: []string{
			"fleet.yaml:3: the place is empty; write a value, like a few words",
		}},
		{name: "a list as a key", old: "web:", new: "[a]: b\nweb:", want: []string{
			"fleet.yaml:16: unknown key a list in a fleet; it takes name, regions, links, users, datasets, routing, failover, web, hub, discovery, config, identity",
		}},

		// Names.
		{name: "upper case and underscore", old: "name: ap-south}", new: "name: AP_South}", want: []string{
			`fleet.yaml:5: region name "AP_South" is no name here; use lower-case letters, digits and hyphens inside, like ap-south`,
		}},
		{name: "path as a name", old: "name: mine", new: "name: ../../etc", want: []string{
			`fleet.yaml:1: fleet name "../../etc" is no name here; use lower-case letters, digits and hyphens inside, like etc`,
		}},
		{name: "dots", old: "name: mine", new: "name: my.fleet", want: []string{
			`fleet.yaml:1: fleet name "my.fleet" is no name here; use lower-case letters, digits and hyphens inside, like my-fleet`,
		}},
		{name: "nothing left of the name", old: "name: mine", new: "name: 世界", want: []string{
			`fleet.yaml:1: fleet name "世界" is no name here; use lower-case letters, digits and hyphens inside, like three-regions`,
		}},
		{name: "long name", old: "name: mine", new: "name: " + strings.Repeat("m", 64), want: []string{
			`fleet.yaml:1: fleet name "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm…" has 64 letters; a name takes at most 63`,
		}},
		{name: "retries without a number", old: "slow: 150ms,", new: "slow: 150ms, retries: {budget: 20%},", want: []string{
			`fleet.yaml:11: "most" is missing in retries; add most: 2, how often a failed request is sent again`,
		}},
		{name: "retries without an end", old: "slow: 150ms,", new: "slow: 150ms, retries: {most: 99, backoff: -1s, budget: 200%},", want: []string{
			"fleet.yaml:11: most is 99; it takes 1 to 10",
			`fleet.yaml:11: backoff "-1s" is negative; write zero or more, like 5s or 250ms`,
			"fleet.yaml:11: budget is 200%; a share is from 0% to 100%",
		}},
		{name: "too many web replicas", old: "{name: ap-south}", new: "{name: ap-south, web: 21}", want: []string{
			"fleet.yaml:5: web is 21; it takes 0 to 20",
		}},
		{name: "a cluster that nobody shares", old: "{name: ap-south}", new: "{name: ap-south, cluster: asia}", want: []string{
			`fleet.yaml:5: no other region is in cluster "asia" of ap-south; a region has a cluster of its own without it`,
		}},
		{name: "a cluster misspelt", old: "jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}\n  - {name: ap-south}", new: "cluster: north}\n  - {name: eu-west, cluster: north}\n  - {name: ap-south, cluster: nort}", want: []string{
			`fleet.yaml:5: no other region is in cluster "nort" of ap-south; did you mean north?`,
		}},
		{name: "a shared cluster in two jurisdictions", old: "jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}", new: "jurisdiction: US, cluster: north}\n  - {name: eu-west, place: Ireland, jurisdiction: EU, cluster: north}", want: []string{
			`fleet.yaml:4: us-east is in US and eu-west in EU, but they share cluster "north": one machine is in one place`,
		}},
		{name: "a shared cluster with the name of a region elsewhere", old: "jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}", new: "cluster: ap-south}\n  - {name: eu-west, cluster: ap-south}", want: []string{
			`fleet.yaml:3: cluster "ap-south" has the name of a region that is not in it; choose another, or put region ap-south into it`,
		}},
		{name: "a cluster that is no name", old: "{name: ap-south}", new: "{name: ap-south, cluster: Asia 1}", want: []string{
			`fleet.yaml:5: cluster name "Asia 1" is no name here; use lower-case letters, digits and hyphens inside, like asia-1`,
		}},
		{name: "a shared cluster's name too long", old: "jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}", new: "cluster: " + strings.Repeat("n", 40) + "}\n  - {name: eu-west, cluster: " + strings.Repeat("n", 40) + "}", want: []string{
			"fleet.yaml:3: the cluster fleetdrill-mine-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn would have 56 letters, a node of kind takes 49; shorten the fleet's or the cluster's name by 7",
		}},
		{name: "cluster names too long", old: "name: mine", new: "name: " + strings.Repeat("m", 33), want: []string{
			"fleet.yaml:3: the cluster fleetdrill-mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm-us-east would have 52 letters, a node of kind takes 49; shorten the fleet's or the region's name by 3",
			"fleet.yaml:4: the cluster fleetdrill-mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm-eu-west would have 52 letters, a node of kind takes 49; shorten the fleet's or the region's name by 3",
			"fleet.yaml:5: the cluster fleetdrill-mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm-ap-south would have 53 letters, a node of kind takes 49; shorten the fleet's or the region's name by 4",
		}},
		{name: "region twice", old: "name: ap-south}", new: "name: us-east}", want: []string{
			`fleet.yaml:5: region name "us-east" is there twice, first in line 3; names are unique`,
			`fleet.yaml:8: there is no region "ap-south"; the regions are us-east, eu-west`,
			`fleet.yaml:9: there is no region "ap-south"; the regions are us-east, eu-west`,
			`fleet.yaml:11: there is no region "ap-south"; the regions are us-east, eu-west`,
		}},
		{name: "region of a reserved name", old: "- {name: ap-south}", new: "- {name: ap-south}\n  - {name: control}", want: []string{
			`fleet.yaml:6: the name "control" is taken by fleetdrill itself; choose another`,
		}},
		{name: "no regions", old: "  - {name: us-east, place: Virginia, jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}\n  - {name: ap-south}\n", new: "  []\n", want: []string{
			"fleet.yaml:3: regions is an empty list; like [{name: us-east, place: Virginia}]",
		}},
		{name: "regions as a mapping", old: "regions:\n  - {name: us-east, place: Virginia, jurisdiction: US}\n  - {name: eu-west, place: Ireland, jurisdiction: EU}\n  - {name: ap-south}\n", new: "regions: {us-east: {}}\n", want: []string{
			"fleet.yaml:2: regions is written as a list; like [{name: us-east, place: Virginia}]",
		}},
		{name: "a place that a terminal obeys", old: "place: Virginia", new: `place: "\e[2J"`, want: []string{
			"fleet.yaml:3: the place has control characters in it; write plain text",
		}},
		{name: "a long place", old: "place: Virginia", new: "place: " + strings.Repeat("x", 41), want: []string{
			"fleet.yaml:3: the place has 41 letters; it takes at most 40",
		}},

		// Links.
		{name: "link to a region that is not there", old: "[ap-south, eu-west]", new: "[ap-suoth, eu-west]", want: []string{
			`fleet.yaml:9: there is no region "ap-suoth"; did you mean ap-south?`,
		}},
		{name: "link to itself", old: "[ap-south, eu-west]", new: "[eu-west, eu-west]", want: []string{
			"fleet.yaml:9: a link from eu-west to itself; name two regions",
		}},
		{name: "link of three", old: "[ap-south, eu-west]", new: "[ap-south, eu-west, us-east]", want: []string{
			"fleet.yaml:9: between takes two regions; like [us-east, eu-west]",
		}},
		{name: "link twice", old: "  - {between: [ap-south, eu-west]", new: "  - {between: [eu-west, us-east], rtt: 1ms}\n  - {between: [ap-south, eu-west]", want: []string{
			"fleet.yaml:9: the link between eu-west and us-east is there twice, first in line 7; one entry stands for both directions",
		}},
		{name: "link missing", old: "  - {between: [us-east, ap-south], rtt: 220ms}\n", new: "", want: []string{
			"fleet.yaml:7: no link between us-east and ap-south; add {between: [us-east, ap-south], rtt: 80ms}",
		}},
		{name: "no rtt", old: ", rtt: 220ms}", new: "}", want: []string{
			`fleet.yaml:8: "rtt" is missing in a link; add rtt: 80ms, the full round trip`,
		}},
		{name: "negative rtt", old: "rtt: 220ms", new: "rtt: -220ms", want: []string{
			`fleet.yaml:8: rtt "-220ms" is negative; write zero or more, like 5s or 250ms`,
		}},
		{name: "rtt without a unit", old: "rtt: 220ms", new: "rtt: 220", want: []string{
			`fleet.yaml:8: rtt "220" is no duration; write a number with its unit, like 5s or 250ms`,
		}},
		{name: "rtt of a day and more", old: "rtt: 220ms", new: "rtt: 25h", want: []string{
			`fleet.yaml:8: rtt "25h" is too long; the most is 24h`,
		}},
		{name: "rtt as a list", old: "rtt: 220ms", new: "rtt: [220ms]", want: []string{
			"fleet.yaml:8: rtt is a list; write one value, like 5s or 250ms",
		}},
		{name: "more jitter than rtt", old: "jitter: 2ms", new: "jitter: 81ms", want: []string{
			"fleet.yaml:7: jitter 81ms is more than the rtt 80ms; it takes at most that",
		}},
		{name: "bandwidth in bytes", old: "200Mbps", new: "200MiB", want: []string{
			`fleet.yaml:7: bandwidth "200MiB" has no unit that is known here; write it like 200Mbps`,
		}},
		{name: "bandwidth in other letters", old: "200Mbps", new: "200mbps", want: []string{
			`fleet.yaml:7: bandwidth "200mbps" has no unit that is known here; write it like 200Mbps`,
		}},
		{name: "bandwidth without a unit", old: "200Mbps", new: "200", want: []string{
			`fleet.yaml:7: bandwidth "200" has no unit that is known here; write it like 200Mbps`,
		}},
		{name: "bandwidth of nothing", old: "200Mbps", new: "0Mbps", want: []string{
			`fleet.yaml:7: bandwidth "0Mbps" is out of bounds; it takes more than nothing and at most 1000Gbps`,
		}},

		// Users.
		{name: "no users", old: "count: 5000", new: "count: 0", want: []string{
			"fleet.yaml:11: count is 0; it takes 1 to 1000000",
		}},
		{name: "half a user", old: "count: 5000", new: "count: 2.5", want: []string{
			`fleet.yaml:11: count "2.5" is no whole number; write one, like 3`,
		}},
		{name: "too many users", old: "count: 5000", new: "count: 99999999999999999999", want: []string{
			"fleet.yaml:11: count is 99999999999999999999; it takes 1 to 1000000",
		}},
		{name: "rate without its unit", old: "rate: 40/s", new: "rate: 40", want: []string{
			`fleet.yaml:11: rate "40" is no rate; write requests per second, like 40/s`,
		}},
		{name: "rate of nothing", old: "rate: 40/s", new: "rate: 0/s", want: []string{
			"fleet.yaml:11: rate is 0/s; it takes from 0.01/s to 100000/s",
		}},
		{name: "rate in another form", old: "rate: 40/s", new: "rate: 4e1/s", want: []string{
			`fleet.yaml:11: rate "4e1/s" is no rate; write requests per second, like 40/s`,
		}},
		{name: "more writes than requests", old: "writes: 25%", new: "writes: 101%", want: []string{
			"fleet.yaml:11: writes is 101%; a share is from 0% to 100%",
		}},
		{name: "negative writes", old: "writes: 25%", new: "writes: -1%", want: []string{
			"fleet.yaml:11: writes is -1%; a share is from 0% to 100%",
		}},
		{name: "writes as a number", old: "writes: 25%", new: "writes: 0.25", want: []string{
			`fleet.yaml:11: writes "0.25" is no share; write it in percent, like 25%`,
		}},
		{name: "rtt of a region missing", old: ", ap-south: 230ms}", new: "}", want: []string{
			"fleet.yaml:11: no rtt to ap-south; add ap-south: 100ms",
		}},
		{name: "rtt of a region that is not there", old: ", ap-south: 230ms}", new: ", ap-south: 230ms, us-west: 1ms}", want: []string{
			`fleet.yaml:11: there is no region "us-west"; did you mean us-east?`,
		}},
		{name: "rtt of a region twice", old: ", ap-south: 230ms}", new: ", ap-south: 230ms, us-east: 1ms}", want: []string{
			"fleet.yaml:11: the rtt to us-east is there twice, first in line 11; keep one",
		}},
		{name: "rtt as one value", old: "rtt: {us-east: 15ms, eu-west: 95ms, ap-south: 230ms}", new: "rtt: 15ms", want: []string{
			"fleet.yaml:11: rtt of a population is written as one round trip to each region; like {us-east: 12ms}",
		}},
		{name: "rtt beyond the timeout", old: "ap-south: 230ms", new: "ap-south: 1.5s", want: []string{
			"fleet.yaml:11: rtt 1.5s to ap-south is not below the users' timeout of 1.5s: no request there could succeed; raise timeout or lower rtt",
		}},
		{name: "slow of nothing", old: "slow: 150ms", new: "slow: 0s", want: []string{
			"fleet.yaml:11: slow is zero; write more, like 5s or 250ms",
		}},
		{name: "slow beyond the timeout", old: "slow: 150ms", new: "slow: 2s", want: []string{
			"fleet.yaml:11: slow 2s is not below the users' timeout of 1.5s: a request would fail before it is slow; lower slow",
		}},
		{name: "timeout of nothing", old: "timeout: 1.5s", new: "timeout: 0s", want: []string{
			"fleet.yaml:11: timeout is zero; write more, like 5s or 250ms",
		}},
		{name: "population with a region's name", old: "name: americas", new: "name: eu-west", want: []string{
			`fleet.yaml:11: population "eu-west" has the name of the region in line 4; links would be mistaken for each other`,
		}},

		// Datasets.
		{name: "majority of two", old: "mode: async", new: "mode: quorum", want: []string{
			"fleet.yaml:13: orders has 2 replicas, and a majority would be all of them; use sync",
		}},
		{name: "sync without a partner", old: "mode: async", new: "mode: sync", want: []string{
			`fleet.yaml:13: "with" is missing in mode sync; add with: REGION, the one that stores every write beside the authority`,
		}},
		{name: "sync with the authority", old: "mode: async", new: "mode: sync, with: us-east", want: []string{
			"fleet.yaml:13: us-east is the authority itself; sync needs another region",
		}},
		{name: "pinned without a jurisdiction", old: "mode: async", new: "mode: pinned", want: []string{
			`fleet.yaml:13: "jurisdiction" is missing in mode pinned; add jurisdiction: EU, as the regions have it`,
		}},
		{name: "pinned with a copy outside", old: "mode: async", new: "mode: pinned, jurisdiction: US", want: []string{
			"fleet.yaml:13: residency: orders is pinned to US, eu-west is in EU; leave that region out",
		}},
		{name: "backup without a place or a time", old: "mode: async", new: "mode: backup", want: []string{
			`fleet.yaml:13: "to" is missing in mode backup; add to: REGION, the one that keeps the snapshots`,
			`fleet.yaml:13: "every" is missing in mode backup; add every: 10s, the time from one snapshot to the next`,
		}},
		{name: "backup to the authority", old: "mode: async", new: "mode: backup, to: us-east, every: 10s", want: []string{
			"fleet.yaml:13: us-east is the authority itself; a snapshot is kept in another region",
		}},
		{name: "backup too often", old: "mode: async", new: "mode: backup, to: eu-west, every: 100ms", want: []string{
			`fleet.yaml:13: every "100ms" is too short; the least is 1s`,
		}},
		{name: "backup in postgres", old: "engine: log, mode: async", new: "engine: postgres, mode: backup, to: eu-west, every: 10s", want: []string{
			"fleet.yaml:13: engine postgres ships no snapshots; mode backup needs engine: log",
		}},
		{name: "backup's words in another mode", old: "mode: async", new: "mode: async, to: eu-west, every: 10s", want: []string{
			`fleet.yaml:13: "to" belongs to mode backup, and this dataset is async; leave it out`,
			`fleet.yaml:13: "every" belongs to mode backup, and this dataset is async; leave it out`,
		}},
		{name: "mode misspelt", old: "mode: async", new: "mode: asynch", want: []string{
			`fleet.yaml:13: there is no mode "asynch"; did you mean async?`,
		}},
		{name: "engine unknown", old: "engine: log", new: "engine: cassandra", want: []string{
			`fleet.yaml:13: there is no engine "cassandra"; there are log, postgres`,
		}},
		{name: "mode missing", old: "mode: async, ", new: "", want: []string{
			`fleet.yaml:13: "mode" is missing in a dataset; add mode: async, which says when a write is confirmed`,
		}},
		{name: "with belongs to sync", old: "mode: async", new: "mode: async, with: eu-west", want: []string{
			`fleet.yaml:13: "with" belongs to mode sync, and this dataset is async; leave it out`,
		}},
		{name: "weight that fills the disk", old: "mode: async", new: "mode: async, weight: 5GiB", want: []string{
			"fleet.yaml:13: a weight of 5120 MiB is written in every region; at most 4GiB are taken",
		}},
		{name: "weight in bits", old: "mode: async", new: "mode: async, weight: 64Mbps", want: []string{
			`fleet.yaml:13: weight "64Mbps" has no unit that is known here; write it like 64MiB`,
		}},
		{name: "authority that is not there", old: "authority: us-east", new: "authority: us-eats", want: []string{
			`fleet.yaml:13: there is no region "us-eats"; did you mean us-east?`,
		}},
		{name: "authority without a copy", old: "authority: us-east", new: "authority: ap-south", want: []string{
			"fleet.yaml:13: the authority ap-south is not among the dataset's regions us-east, eu-west; add it there, or name one of them",
		}},
		{name: "copy in a region that is not there", old: "regions: [us-east, eu-west]", new: "regions: [us-east, mars]", want: []string{
			`fleet.yaml:13: there is no region "mars"; the regions are us-east, eu-west, ap-south`,
		}},
		{name: "copy twice", old: "regions: [us-east, eu-west]", new: "regions: [us-east, us-east]", want: []string{
			"fleet.yaml:13: us-east is there twice; a region holds one copy",
		}},
		{name: "no copies", old: "regions: [us-east, eu-west]", new: "regions: []", want: []string{
			"fleet.yaml:13: regions of a dataset is an empty list; like [us-east, eu-west, ap-south]",
		}},

		// Policies.
		{name: "policy unknown", old: "policy: nearest", new: "policy: random", want: []string{
			`fleet.yaml:14: there is no policy "random"; there are nearest, weighted, failover, geo`,
		}},
		{name: "entry unknown", old: "policy: nearest", new: "policy: nearest, entry: dsn", want: []string{
			`fleet.yaml:14: there is no entry "dsn"; there are dns, lb`,
		}},
		{name: "a TTL between seconds", old: "dns_ttl: 2s", new: "dns_ttl: 1500ms", want: []string{
			"fleet.yaml:14: dns_ttl 1.5s is not in whole seconds, and DNS has no others; write 2s",
		}},
		{name: "a TTL ignored where nobody asks a resolver", old: "writes: 25%", new: "writes: 25%, entry: lb, ignore_ttl: 20%", want: []string{
			"fleet.yaml:11: ignore_ttl is of resolvers, and americas comes in by a load balancer, which asks none; leave it out, or write entry: dns",
		}},
		{name: "more users than there are", old: "writes: 25%", new: "writes: 25%, ignore_ttl: 60%, keep: 50%", want: []string{
			"fleet.yaml:11: ignore_ttl and keep of americas add up to more than 100%: they are of different users; lower keep",
		}},
		{name: "preflight unknown", old: "decide: operator", new: "preflight: block", want: []string{
			`fleet.yaml:15: there is no preflight "block"; there are warn, refuse`,
		}},
		{name: "decide unknown", old: "decide: operator", new: "decide: operater", want: []string{
			`fleet.yaml:15: there is no way to decide "operater"; did you mean operator?`,
		}},
		{name: "fence in another word", old: "fence: false", new: "fence: no", want: []string{
			`fleet.yaml:15: fence "no" is neither; write true or false`,
		}},
		{name: "lease too short", old: "lease: 2s", new: "lease: 1ms", want: []string{
			`fleet.yaml:15: lease "1ms" is too short; the least is 100ms`,
		}},
		{name: "probe too often", old: "every: 250ms", new: "every: 1us", want: []string{
			`fleet.yaml:14: every "1us" is too short; the least is 10ms`,
		}},
		{name: "down after nothing", old: "down_after: 3", new: "down_after: 0", want: []string{
			"fleet.yaml:14: down_after is 0; it takes 1 to 100",
		}},
		{name: "no web", old: "replicas: 3", new: "replicas: 0", want: []string{
			"fleet.yaml:16: replicas is 0; it takes 1 to 20",
		}},
		{name: "capacity without a unit", old: "capacity: 0.5/s", new: "capacity: 200", want: []string{
			`fleet.yaml:16: capacity "200" is no rate; write requests per second, like 40/s`,
		}},

		// Several at once, in the order of their lines.
		{name: "several", old: "count: 5000, rate: 40/s", new: "count: none, rait: 40/s", want: []string{
			`fleet.yaml:11: count "none" is no whole number; write one, like 3`,
			`fleet.yaml:11: unknown key "rait" in a population; did you mean rate?`,
		}},
		{name: "a wrong region name is told once", old: "name: us-east, place", new: "name: US-East, place", want: []string{
			`fleet.yaml:3: region name "US-East" is no name here; use lower-case letters, digits and hyphens inside, like us-east`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := parse("fleet.yaml", tt.spoil(t, goodFleet))
			readFleet(s)
			tt.check(t, s.err())
		})
	}
}
