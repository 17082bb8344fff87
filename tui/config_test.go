package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// Revisions of the story's repository.
const (
	storyFirst = "67b6790c1d5c8e1f"
	storyBad   = "9f2c1ab04477aa01"
)

// governed is the story's fleet as a repository governs it, ten seconds in: eu-west first, then the others, behind a gate.
func governed(how topology.Config) []drill.Event {
	events := story(10*time.Second, nil)
	begun := events[0].Body.(drill.DrillStarted)
	begun.Fleet.Config = &how
	events[0].Body = begun
	for _, n := range []config.News{
		config.Committed{Revision: config.Revision{Hash: storyFirst, Subject: "Begin with what the fleet file of three-regions says", Author: config.Author}},
		config.Released{Revision: storyFirst, Of: 2, Regions: []string{"eu-west"}}, config.Released{Revision: storyFirst, Wave: 1, Of: 2, Regions: []string{"us-east", "ap-south"}},
		config.Applied{Region: "us-east", Revision: storyFirst}, config.Applied{Region: "eu-west", Revision: storyFirst}, config.Applied{Region: "ap-south", Revision: storyFirst},
	} {
		last := events[len(events)-1]
		events = append(events, drill.Event{Seq: last.Seq + 1, T: last.T, At: last.At, Body: drill.Configured{News: n}})
	}
	return events
}

var inWaves = topology.Config{Mode: topology.ConfigPull, Every: 2 * time.Second, Waves: [][]string{{"eu-west"}, {"us-east", "ap-south"}}, Gate: &topology.ConfigGate{Success: 0.99, For: 2 * time.Second}}

// configured tells news of the configuration, so long after what was told before.
func (s *stage) configured(after time.Duration, all ...config.News) {
	for _, n := range all {
		s.happens(after, drill.Configured{News: n})
		after = 0
	}
}

func field(kind, name, path, wanted, actual string) config.Field {
	return config.Field{Object: config.Ref{APIVersion: "v1", Kind: kind, Namespace: config.Namespace, Name: name}, Path: path, Wanted: wanted, Actual: actual, Who: config.By}
}

// drifted is a region that somebody changed twice by hand, once seen and once not; another was put right before.
func drifted(s *stage) {
	s.events(governed(topology.Config{Mode: topology.ConfigPull, Every: 10 * time.Second}))
	replicas := []config.Field{field("Deployment", config.Web, "spec.replicas", "2", "1")}
	s.configured(time.Second, config.Edited{Region: "us-east", Fields: replicas})
	s.configured(time.Second, config.Drifted{Region: "us-east", Fields: replicas})
	s.configured(200*time.Millisecond, config.Mended{Region: "us-east", Fields: replicas})
	s.configured(time.Second, config.Edited{Region: "eu-west", Fields: replicas})
	s.configured(2*time.Second, config.Drifted{Region: "eu-west", Fields: replicas})
	s.configured(time.Second, config.Edited{Region: "eu-west", Fields: []config.Field{field("RoleBinding", config.Writer+"orders", "", "there", "")}})
	s.happens(time.Second, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "ap-south", Done: "killed", From: s.live.state.Now, Proof: "its process is gone"})
	s.press("0")
}

// heldCommit is a bad commit that hurts the first wave and is held before the second.
func heldCommit(s *stage) {
	s.events(governed(inWaves))
	made := s.live.state.Now
	s.happens(0, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbCommit, Text: "version v2-bad"}},
		drill.CommandDone{ID: 1, Proof: config.Short(storyBad) + " is on main: Set version to v2-bad"})
	version := config.Variable(config.EnvVersion)
	version.Wanted, version.Actual = "v2-bad", "v1"
	s.configured(time.Second, config.Committed{Revision: config.Revision{Hash: storyBad, Subject: "Set version to v2-bad", Author: "operator"}, Made: &made},
		config.Released{Revision: storyBad, Of: 2, Regions: []string{"eu-west"}}, config.Applied{Region: "eu-west", Revision: storyBad, Was: storyFirst, Fields: []config.Field{version}})
	var hurt []telemetry.Population
	for i, p := range s.live.state.Populations {
		of := *p.Last
		of.Impacts = []telemetry.UserImpact{{Command: 1, Asked: 400, Affected: []int{0, 378, 0}[i], From: made}}
		hurt = append(hurt, of)
	}
	s.happens(2*time.Second, drill.TrafficSampled{Window: time.Second, Populations: hurt})
	s.configured(0, config.Held{Revision: storyBad, Wave: 1, Why: "eu-west answers 0 % of requests, the gate asks for 99 %"})
	s.press("0")
}

// unreconciled is a fleet whose hub is gone, after a commit that nobody can render.
func unreconciled(s *stage) {
	s.events(governed(topology.Config{Mode: topology.ConfigHub, Every: 2 * time.Second}))
	s.configured(time.Second, config.Committed{Revision: config.Revision{Hash: storyBad, Subject: "Tidy up", Author: "sam"}, Bad: "overlays/eu-west/kustomization.yaml:3: did not find expected key"},
		config.Failed{Revision: storyBad, Kept: storyFirst, Why: "overlays/eu-west/kustomization.yaml:3: did not find expected key"},
		config.Failed{Region: "us-east", Revision: storyFirst, Kept: storyFirst, Why: "it does not work: 1 of 2 replicas of Deployment/web run"})
	s.configured(3*time.Second, config.Unreached{On: true, Why: "the hub does not answer"})
	s.press("0")
}

// TestWhatIsAskedOfTheRepositorySaysHow: a change that is typed is shown how it is written, before and after it was refused; kinds of
// drift are chosen from a list, each with what it does.
func TestWhatIsAskedOfTheRepositorySaysHow(t *testing.T) {
	s := newStage(t, 80, 24, Options{NoColor: true})
	s.events(governed(inWaves))
	s.press("i")
	s.shows("like version v2")
	s.shows("weights us-east=0 eu-west=100")
	s.press("u", "p", "enter")
	s.shows("is no change")
	s.shows("web-credentials-2")
	s.press("esc")
	s.press("I")
	s.wait(dialog.InFlight)
	for _, kind := range config.DriftKinds() {
		s.shows(kind)
	}
	s.shows("the flag read-only is on")
}

// TestThePaneSaysWhatToClone: where the repository is stands in the timeline, and in the pane behind all else, where there is room.
func TestThePaneSaysWhatToClone(t *testing.T) {
	s := newStage(t, 80, 24, Options{NoColor: true})
	events := governed(inWaves)
	for i, e := range events {
		if c, is := e.Body.(drill.Configured); is {
			if first, is := c.News.(config.Committed); is {
				first.Where = "/srv/fleet.git"
				events[i].Body = drill.Configured{News: first}
			}
		}
	}
	s.events(events)
	s.press("0")
	s.shows("git clone /srv/fleet.git")
}

// TestWavesThatAreOverLeaveTheirRoom: once every region has the newest commit one line says so.
func TestWavesThatAreOverLeaveTheirRoom(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(governed(inWaves))
	s.configured(time.Second, config.Committed{Revision: config.Revision{Hash: storyBad, Subject: "Set version to v2", Author: "operator"}},
		config.Released{Revision: storyBad, Of: 2, Regions: []string{"eu-west"}}, config.Applied{Region: "eu-west", Revision: storyBad})
	s.press("0")
	s.shows("wave 2")
	s.configured(time.Second, config.Released{Revision: storyBad, Wave: 1, Of: 2, Regions: []string{"us-east", "ap-south"}},
		config.Applied{Region: "us-east", Revision: storyBad}, config.Applied{Region: "ap-south", Revision: storyBad})
	s.shows("all regions have it")
	s.hides("wave 1")
}

// TestConfigPane keeps pictures of the configuration at each size of the screen, and in each look at one.
func TestConfigPane(t *testing.T) {
	for name, play := range map[string]func(*stage){"drifted": drifted, "held": heldCommit, "unreconciled": unreconciled} {
		for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 36}, {200, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := newStage(t, size[0], size[1], Options{NoColor: true})
				play(s)
				golden.RequireEqual(t, s.text()+"\n")
			})
		}
	}
	for name, o := range map[string]Options{"dark": {Theme: ThemeDark}, "light": {Theme: ThemeLight}, "no-colour": {NoColor: true}, "ascii": {NoColor: true, ASCII: true}} {
		t.Run("drifted/"+name, func(t *testing.T) {
			s := newStage(t, 80, 24, o)
			drifted(s)
			s.press("f")
			golden.RequireEqual(t, s.screen()+"\n")
		})
	}
}

// The pane's key says why it is for nothing in a fleet that no repository governs, and tab passes it by; where one does, the pane names
// what changes the configuration.
func TestConfigPaneHasAKey(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(10*time.Second, nil))
	s.press("0")
	s.shows("this fleet's file has no config")
	if s.drill.Focus == pane.Config {
		t.Error("a pane with nothing in it has the focus")
	}
	s.drill.Show(pane.Latency)
	s.press("tab")
	if s.drill.Focus != pane.Preflight {
		t.Errorf("behind latencies, past the pane that shows nothing, comes %s", s.drill.Focus.Name())
	}
	s = newStage(t, 120, 36, Options{NoColor: true})
	s.events(governed(inWaves))
	s.press("0")
	s.shows("I drift · i commit")
	s.hides("V revert") // nothing was committed yet
}

// What a journal says stands in a replay as it stood.
func TestConfigPaneOfAReplay(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	heldCommit(s)
	s.press("esc")
	live := newStage(t, 120, 36, Options{NoColor: true})
	live.host.recorded = s.told
	live.ticking = true
	live.runs(live.replay(live.host, "x"))
	live.press("end")
	live.press("0")
	live.shows("held 0 s ago: eu-west")
	live.shows("94 % of 400 users affected")
	live.hides("i commit") // a replay takes no commands
}

// Foreign text of commits, fields and errors comes to the screen without what moves a terminal.
func TestConfigPaneCleansWhatIsForeign(t *testing.T) {
	const nasty = "\x1b[2J\x1b]0;x\x07 東京\n\t" + "overlong "
	s := newStage(t, 100, 30, Options{NoColor: true})
	s.events(governed(inWaves))
	many := strings.Repeat(nasty, 9)
	s.configured(0, config.Committed{Revision: config.Revision{Hash: nasty, Subject: many, Author: many}, Bad: many}, config.Failed{Why: many},
		config.Failed{Region: "us-east", Why: many}, config.Edited{Region: "eu-west", Fields: []config.Field{field(nasty, nasty, nasty, many, many)}},
		config.Released{Revision: nasty, Wave: 7, Of: -1, Regions: []string{nasty}}, config.Held{Revision: nasty, Wave: 1, Why: many}, config.Unreached{On: true, Why: many})
	s.press("0")
	for _, full := range []bool{false, true} {
		if s.press("f"); s.drill.Full != full {
			s.press("f")
		}
		checkFrame(t, s, fmt.Sprintf("full %v", full))
	}
	s.shows("overlong")
}
