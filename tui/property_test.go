package tui

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// checkFrame fails when the screen is larger than the terminal, or when
// something of the outside's got through as an escape sequence.
func checkFrame(t *testing.T, s *stage, about string) {
	t.Helper()
	c := s.frame()
	frame := c.String()
	c.Free()
	lines := strings.Split(frame, "\n")
	if len(lines) > max(s.h, 1) {
		t.Fatalf("%s: %d lines on a screen of %d×%d", about, len(lines), s.w, s.h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > s.w {
			t.Fatalf("%s: line %d is %d wide on a screen of %d×%d:\n%s", about, i, n, s.w, s.h, ansi.Strip(l))
		}
	}
	if strings.Contains(frame, "\x1b]") || strings.Contains(frame, "\x07") || strings.Contains(frame, "\t") {
		t.Fatalf("%s: a control character got through", about)
	}
}

// hostile is a fleet with names that fit nowhere.
func hostile(n int) topology.Fleet {
	f := topology.Fleet{Name: strings.Repeat("long-", 30) + "\x1b]0;title\x07", Datasets: storyFleet.Datasets, Routing: storyFleet.Routing}
	for i := range n {
		f.Regions = append(f.Regions, topology.Region{Name: fmt.Sprintf("東京-%d-%s", i, strings.Repeat("x", i*7)), Place: "a\nb\tc", Jurisdiction: "🏳️‍🌈"})
	}
	for i := range f.Regions {
		for j := range i {
			f.Links = append(f.Links, topology.Link{Between: [2]string{f.Regions[i].Name, f.Regions[j].Name}, RTT: time.Duration(i) * time.Hour})
		}
		f.Users = append(f.Users, topology.Population{Name: strings.Repeat("é", i*9+1), Count: math.MaxInt32, Rate: 1e9 * float64(i), RTT: map[string]time.Duration{f.Regions[i].Name: time.Millisecond}})
	}
	return f
}

// hostileEvents tells things about a fleet that no engine should.
func hostileEvents(n int) []drill.Event {
	f := hostile(n)
	big, negative := uint64(math.MaxUint64), int64(-5)
	plan := storyPlan()
	plan.Steps = nil
	bodies := []drill.Body{
		drill.DrillStarted{Fleet: f, On: "k\x1b[31mind", Plan: plan}, drill.PhaseEntered{Phase: drill.PhaseRunning},
		drill.StoresSampled{AtRisk: map[string]uint64{"orders": big}},
		drill.TrafficSampled{Window: 0}, drill.TrafficSampled{Window: time.Nanosecond},
		drill.FailoverStaged{ID: 1, Dataset: "orders", From: "nowhere", Cause: "fault", Stage: drill.StagePromote, End: -time.Hour},
		drill.FailoverStaged{ID: 2, Dataset: "nothing", Stage: drill.StageFault, End: 1 << 62},
		drill.SwitchoverDone{Dataset: "orders", To: "nowhere", Epoch: big}, drill.Recovered{Fault: 9},
		drill.ImpactPredicted{ID: 77, Impact: runbook.Impact{Share: math.NaN(), Users: map[string]float64{"é": math.Inf(1)}}},
		drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: "?", Text: "\x1b[2J"}}, drill.CommandFailed{ID: 1, Error: "a\nb\x1b]0;x\x07", Next: strings.Repeat("w", 500)},
		drill.TaskFailed{Task: "t", Error: strings.Repeat("no space left ", 99)}, drill.StageEntered{Region: "", Stage: "s", Index: 5, Of: 0, Status: drill.StageFailed},
		drill.LinksSampled{Links: []telemetry.Link{{From: "x", To: "y", Rate: math.NaN(), Bytes: big}}},
		drill.FailoverStaged{ID: 3, Dataset: "orders", From: "nowhere", Cause: "fault", Stage: drill.StageFault},
		drill.FailoverStaged{ID: 3, Dataset: "orders", From: "nowhere", Cause: "fault", Stage: drill.StageDetect, End: -time.Hour},
		drill.TaskFailed{Task: "failover of orders", Failover: 1, Error: strings.Repeat("東京 ", 60)}, drill.TaskFailed{Task: "failover of orders", Failover: 1},
		drill.SplitBrain{Dataset: "orders", Old: f.Regions[0].Name, Tails: map[string][]string{f.Regions[0].Name: {"", "\x1b[2J", strings.Repeat("i", 300)}}},
		drill.WritesWaiting{Dataset: "orders", Region: "nowhere", For: []string{strings.Repeat("r", 90), f.Regions[0].Name}, Mode: "odd"},
		drill.RejoinStarted{Dataset: "orders", Region: f.Regions[0].Name, OwedBytes: &negative},
		drill.RejoinDone{Dataset: "orders", Region: f.Regions[0].Name, Diverged: math.MaxInt32, Bytes: math.MaxInt64, Took: 1, Exported: strings.Repeat("東京/", 80)},
		drill.FaultProved{ID: 90, Fault: drill.FaultPartition, Between: []string{f.Regions[0].Name, topology.EndOthers}, Proof: "a\nb"},
		drill.FaultProved{ID: 91, Fault: drill.FaultPartition, Between: []string{topology.EndControl}},
	}
	for i, r := range f.Regions {
		bodies = append(bodies, drill.RegionSeen{Region: r.Name, Node: strings.Repeat("n", 300), WebReady: -1, WebWanted: 1 << 40, Pods: make([]telemetry.Pod, 40)},
			drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: r.Name, Role: role.Authority, Epoch: uint64(i), Position: big, Bytes: -1, OwedBytes: &negative, LagWrites: &big, Rate: math.Inf(1), Stale: i%2 == 0}}},
			drill.FaultProved{ID: i, Fault: []drill.FaultKind{drill.FaultKill, drill.FaultFreeze, "odd"}[i%3], Region: r.Name, From: time.Duration(i) * time.Second, Proof: "\x00"},
			drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: f.Users[i].Name, Requests: -1, Failed: 1 << 40, AffectedNow: 5, AskedNow: 1, ServedBy: map[string]int{r.Name: 1}}}})
	}
	var events []drill.Event
	for i, b := range bodies {
		events = append(events, drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * 300 * time.Millisecond, Body: b})
	}
	return events
}

// states is every kind of moment that the screen can be in.
func states() map[string]func(*stage) {
	all := map[string]func(*stage){}
	for _, sc := range scenes {
		all[sc.name] = sc.play
	}
	for _, n := range []int{1, 2, 4, 7, 12, 60} {
		all[fmt.Sprintf("hostile with %d regions", n)] = func(s *stage) { s.events(hostileEvents(n)) }
	}
	all["drifted"], all["held"], all["unreconciled"] = drifted, heldCommit, unreconciled
	all["no fleet yet"] = func(s *stage) { s.events(nil) }
	all["empty fleet"] = func(s *stage) {
		s.events([]drill.Event{{Seq: 1, Body: drill.DrillStarted{}}, {Seq: 2, Body: drill.PhaseEntered{Phase: drill.PhaseRunning}}})
	}
	all["leaving"] = func(s *stage) { s.events(story(12*time.Second, storyPlan())); s.press("ctrl+c") }
	all["fatal"] = func(s *stage) { s.update(startedMsg{err: fmt.Errorf("%s", strings.Repeat("word ", 400))}) }
	all["note"] = func(s *stage) { s.events(story(12*time.Second, nil)); s.press("n", "a", "b") }
	all["palette"] = func(s *stage) { s.events(hostileEvents(5)); s.press(":", "k") }
	all["filter"] = func(s *stage) { s.events(story(12*time.Second, storyPlan())); s.press("/", "z") }
	all["strategies"] = func(s *stage) { s.events(strategies(false)) }
	all["strategies compared"] = func(s *stage) { s.events(strategies(true)) }
	all["split"] = func(s *stage) { s.events(story(12*time.Second, nil)); s.happens(0, split(40, 3, false)); s.press("L") }
	all["partition"] = func(s *stage) { s.events(hostileEvents(5)); s.choose("X") }
	all["weaker"] = func(s *stage) {
		s.events(strategies(false))
		s.press("d")
		s.choose("m")
		s.press("enter")
		s.wait(dialog.InFlight)
	}
	all["paused"] = func(s *stage) {
		s.host.recorded = story(12*time.Second, nil)
		s.events(s.host.recorded)
		s.runs(s.press(",")...)
	}
	all["replay"] = func(s *stage) {
		s.ticking, s.host.recorded = true, story(storyEnd, storyPlan())
		s.runs(s.replay(s.host, "x"))
		s.press("}")
	}
	all["replay at its end"] = func(s *stage) {
		s.ticking, s.host.recorded = true, story(storyEnd, storyPlan())
		s.runs(s.replay(s.host, "x"))
		s.press("end")
	}
	all["replay of a hostile journal"] = func(s *stage) {
		s.ticking, s.host.recorded = true, hostileEvents(5)
		s.runs(s.replay(s.host, "x"))
		s.press("end", ",")
	}
	all["matrix of sixty"] = func(s *stage) { s.events(hostileEvents(60)); s.press("esc", "M", "up", "left", "left") }
	all["reading"] = func(s *stage) { s.replay(s.host, "x") }
	all["lost"] = func(s *stage) { s.events(story(15*time.Second, storyPlan())); s.press("L") }
	return all
}

// TestNeverSpills draws every state at every kind of size, with every pane.
func TestNeverSpills(t *testing.T) {
	exhaustive(t)
	for name, play := range states() {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			s := newStage(t, 120, 36, Options{Theme: ThemeDark})
			play(s)
			sizes := [][2]int{{1, 1}, {20, 5}, {59, 15}, {60, 14}, {60, 15}, {80, 24}, {111, 29}, {112, 30}, {167, 44}, {168, 44}, {200, 50}, {300, 90}, {60, 90}, {300, 15}, {0, 0}}
			for range 60 {
				sizes = append(sizes, [2]int{1 + random.IntN(240), 1 + random.IntN(70)})
			}
			for _, size := range sizes {
				s.w, s.h = size[0], size[1]
				s.drill.Focus = pane.ID(1 + random.IntN(int(pane.Last)))
				s.drill.Full = random.IntN(3) == 0
				s.drill.Scroll = random.IntN(40)
				checkFrame(t, s, fmt.Sprintf("%s, pane %s", name, s.drill.Focus.Name()))
			}
		})
	}
}

// TestNeverPanicsOnAnyOrder applies the story's and the hostile events in any
// order, some of them left out.
func TestNeverPanicsOnAnyOrder(t *testing.T) {
	exhaustive(t)
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 7))
		events := append(story(storyEnd, storyPlan()), hostileEvents(3)...)
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		s := newStage(t, 60+random.IntN(150), 15+random.IntN(40), Options{NoColor: seed%2 == 0, ASCII: seed%3 == 0})
		for len(events) > 0 {
			n := min(1+random.IntN(60), len(events))
			s.events(events[:n:n])
			s.drill.Focus = pane.ID(1 + random.IntN(int(pane.Last)))
			checkFrame(t, s, fmt.Sprintf("seed %d", seed))
			events = events[n:]
		}
	}
}

// TestASCIIIsASCII holds that nothing else is drawn with, for a fleet whose names are.
func TestASCIIIsASCII(t *testing.T) {
	for _, sc := range scenes {
		s := newStage(t, 200, 50, Options{NoColor: true, ASCII: true})
		sc.play(s)
		for i, r := range s.text() {
			if r > 0x7e {
				t.Fatalf("%s: %q at %d:\n%s", sc.name, r, i, s.text())
			}
		}
	}
}

// TestTooSmall says what it needs.
func TestTooSmall(t *testing.T) {
	s := newStage(t, 20, 5, Options{})
	s.events(story(12*time.Second, storyPlan()))
	s.shows("too small")
	s.shows("need 60×15")
}

// TestKeysOnATinyScreen: a key on a result that has no column to be drawn in.
func TestKeysOnATinyScreen(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {2, 1}, {5, 3}} {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.events(story(storyEnd, storyPlan()))
		s.wait(time.Hour)
		if s.page() != keys.PageResult {
			t.Fatalf("it is at page %v", s.page())
		}
		s.w, s.h = size[0], size[1]
		for _, k := range []string{"t", "down", "pgdown", "end", "home", "?", "esc", ":"} {
			s.press(k)
			checkFrame(t, s, k)
		}
	}
}

// TestNothingMoves holds that numbers that change do not move what is beside
// them: every frame of four seconds has its frames at the same places.
func TestNothingMoves(t *testing.T) {
	var first string
	for at := storyBegin + 12*time.Second; at < storyBegin+16*time.Second; at += 100 * time.Millisecond {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.events(story(at, storyPlan()))
		now := frameOnly(s.text())
		if first == "" {
			first = now
		}
		if now != first {
			t.Fatalf("at %s the frame is\n%s\nand was\n%s", at, now, first)
		}
	}
}

func frameOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '▾' {
			return '│' // a mark that moves along a line
		}
		if strings.ContainsRune("\n│╭╮╰╯┏┓┗┛┃", r) {
			return r
		}
		return ' '
	}, text)
}

// exhaustive marks a test that draws thousands of pictures, in one goroutine of its own: it runs beside others, and the race
// detector, which -short stands for, has nothing to find in it.
func exhaustive(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short; it draws thousands of pictures in one goroutine")
	}
	t.Parallel()
}
