package gitops

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a region has is not known from when it is gone, and not only from when its reconciler misses it, until it is there again; what
// keeps those who judge it apart from it does not keep its reconciler.
func TestWhatARegionHasIsUnknown(t *testing.T) {
	t.Parallel()
	kill := drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "west", Done: "killed", Effect: runbook.Effect{Stops: []string{"west"}}}
	apart := drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"west", topology.EndControl}}
	judged := func(up bool) drill.Body { return drill.RegionJudged{Region: "west", Up: up} }
	away := func(on bool) drill.Body { return news(config.Unreached{Region: "west", On: on, Why: "no answer"}) }
	for name, tt := range map[string]struct {
		after []drill.Body // a second apart from the second on
		at    time.Duration
		why   string // "" where it is known
	}{
		"as it is":                       {},
		"killed":                         {[]drill.Body{kill}, 0, "it is killed"},
		"killed and missed":              {[]drill.Body{kill, judged(false), away(true)}, 0, "it is killed"},
		"there again, and not heard yet": {[]drill.Body{kill, judged(false), drill.FaultLifted{ID: 1, Region: "west"}}, 2 * time.Second, "it is down"},
		"there again":                    {[]drill.Body{kill, judged(false), drill.FaultLifted{ID: 1, Region: "west"}, judged(true)}, 0, ""},
		"down of itself":                 {[]drill.Body{judged(false)}, 2 * time.Second, "it is down"},
		"cut off from who judges it":     {[]drill.Body{apart, judged(false)}, 0, ""},
		"missed":                         {[]drill.Body{away(true)}, 2 * time.Second, "its reconciler does not reach it"},
		"missed no more":                 {[]drill.Body{away(true), away(false)}, 0, ""},
		"without the hub":                {[]drill.Body{news(config.Unreached{On: true, Why: "no answer"})}, 2 * time.Second, "the hub does not answer"},
	} {
		p := governedPair()
		p.after(time.Second, judged(true))
		for _, b := range tt.after {
			if f, is := b.(drill.FaultProved); is {
				f.From = p.at
				b = f
			}
			p.after(time.Second, b)
		}
		if tt.why == "it is killed" {
			tt.at = time.Second
		}
		got := Unknown(p.State, "west")
		if (got == nil) != (tt.why == "") || got != nil && (got.At != tt.at || got.Why != tt.why) {
			t.Errorf("%s: %+v, want %q since %s", name, got, tt.why, tt.at)
		}
		for _, c := range Configurations(p.State) {
			if c.Name == "west" && (c.Unknown == nil) != (got == nil) || c.Name == "east" && tt.why != "the hub does not answer" && c.Unknown != nil {
				t.Errorf("%s: of %s %+v is told", name, c.Name, c.Unknown)
			}
		}
	}
}

// A region that was away is known to be in sync from when it was there again, not from before.
func TestSinceWhenARegionIsInSync(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after []drill.Body // a second apart from the second on
		want  time.Duration
	}{
		"always":        {nil, 0},
		"restored":      {[]drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "west", Done: "killed"}, drill.FaultLifted{ID: 1, Region: "west"}}, 2 * time.Second},
		"another's":     {[]drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east", Done: "killed"}, drill.FaultLifted{ID: 1, Region: "east"}}, 0},
		"a part of it":  {[]drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultKill, Part: "web", Region: "west", Done: "killed"}, drill.FaultLifted{ID: 1, Region: "west"}}, 0},
		"reached again": {[]drill.Body{news(config.Unreached{Region: "west", On: true}), news(config.Unreached{Region: "west"})}, 2 * time.Second},
		"the hub again": {[]drill.Body{news(config.Unreached{On: true}), news(config.Unreached{})}, 2 * time.Second},
	} {
		p := governedPair()
		for _, b := range tt.after {
			p.after(time.Second, b)
		}
		for _, c := range Configurations(p.State) {
			if c.Name == "west" && c.Since != tt.want {
				t.Errorf("%s: in sync since %s, want %s", name, c.Since, tt.want)
			}
		}
	}
}
