package scenario

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestConfigOfAFleet(t *testing.T) {
	for text, want := range map[string]*topology.Config{
		"":           nil,
		"config: {}": {Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery},
		"config: {mode: pull, serve_stale: false, repository: /srv/fleet.git}": {Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery, Fenced: true, Repository: "/srv/fleet.git"},
		"config: {every: 2s, waves: [[eu-west], [us-east]], gate: {success: 95%, for: 5s}}": {
			Mode: topology.ConfigPull, Every: 2 * time.Second, Waves: [][]string{{"eu-west"}, {"us-east"}}, Gate: &topology.ConfigGate{Success: 0.95, For: 5 * time.Second}},
		"config: {repository: 'ssh://git@host/f.git'}": {Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery, Repository: "ssh://git@host/f.git"},
		"config: {repository: ../f.git}":               {Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery, Repository: "f.git"},
		"config: {repository: 'git@host:f.git'}":       {Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery, Repository: "git@host:f.git"},
		"config: {waves: [[eu-west], [us-east]]}": {
			Mode: topology.ConfigPull, Every: topology.DefaultConfigEvery, Waves: [][]string{{"eu-west"}, {"us-east"}}, Gate: &topology.DefaultConfigGate},
	} {
		src := parse("mine/fleet.yaml", []byte(goodFleet+text+"\n"))
		f := readFleet(src)
		if err := src.err(); err != nil || !reflect.DeepEqual(f.Config, want) {
			t.Errorf("%s: %+v, %v", text, f.Config, src.err())
		}
	}
	for text, says := range map[string]string{
		"config: {mode: push}":                                "fleet.yaml:",
		"config: {mode: hub}":                                 "add hub: {}",
		"config: {every: 100ms}":                              "every",
		"config: {waves: [[eu-west], [eu-west]]}":             "in a wave already",
		"config: {waves: [[eu-wset]]}":                        "eu-west",
		"config: {gate: {for: 2s}}":                           "add waves",
		"config: {waves: [[us-east]], gate: {for: 0s}}":       "for is zero; write more",
		"config: {waves: [[us-east]], gate: {for: 499ms}}":    "500ms",
		"config: {mode: manual, waves: [[us-east]]}":          "in mode manual none gets any; write mode: pull",
		"config: {waves: [[us-east]], gate: {success: lots}}": "like 99%",
		"config: {serve_stale: maybe}":                        "serve_stale",
		"config: {repository: }":                              "like ../fleet.git",
		"config: {mode: manual, serve_stale: false}":          "mode manual has none",
		"config: {repository: 'https://me:key@host/f.git'}":   "the repository's URL has credentials",
		"config: {repository: 'https://ghp_key@host/f.git'}":  "the repository's URL has credentials",
		"config: {repository: 'ssh://me:key@host/f.git'}":     "the repository's URL has credentials",
	} {
		src := parse("fleet.yaml", []byte(goodFleet+text+"\n"))
		readFleet(src)
		if err := src.err(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// A commit of a step is read before the drill runs: what is out of bounds is told with its line.
func TestBadCommitsOfADrill(t *testing.T) {
	drill := strings.NewReplacer("three-regions", "config-pull", "do: note, text: look at the lag", "do: commit, change: CHANGE").Replace(goodDrill)
	for change, want := range map[string]string{
		"replicas 20":   "",
		"replicas 1000": "drill.yaml:9: by then replicas 1000: a region has 0 to 20; write a change like version v2",
	} {
		s := parse("drill.yaml", []byte(strings.Replace(drill, "CHANGE", change, 1)))
		readDrill(s, nil)
		if err := s.err(); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}
