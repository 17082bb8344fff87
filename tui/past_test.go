package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// runs lets commands run to their end, and what they bring reach the screen, but for ticks.
func (s *stage) runs(cmds ...tea.Cmd) {
	s.t.Helper()
	for _, cmd := range cmds {
		if cmd == nil {
			continue
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			s.runs(msg...)
		case tea.QuitMsg:
			s.t.Fatal("it quits")
		case tickMsg: // the clock of a stage stands still, so one would follow another for good
		default:
			s.runs(s.update(msg))
		}
	}
}

// paused is a drill by hand at its tenth second, whose screen is paused.
func paused(t *testing.T) *stage {
	s := byHand(t)
	s.host.recorded = story(10*time.Second, nil)
	s.runs(s.press("space")...)
	s.shows("PAUSED")
	return s
}

// replaying is the story's journal, played back from the start page.
func replaying(t *testing.T, w, h int) *stage {
	s := newStage(t, w, h, Options{NoColor: true})
	s.host.recorded = story(storyEnd, storyPlan())
	s.ticking = true
	s.runs(s.replay(s.host, "of-the-story.jsonl"))
	return s
}

// body is the page between the lines of the past.
func (s *stage) body() string {
	lines := strings.Split(s.text(), "\n")
	return strings.Join(lines[page.TapeAbove:len(lines)-page.TapeBelow], "\n")
}

// pageOnly is a page without its footer, where keys stand.
func pageOnly(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[:len(lines)-2], "\n")
}

func TestPauseHoldsTheScreenStill(t *testing.T) {
	s := paused(t)
	s.shows("you look at 0 s ago")
	was := pageOnly(s.body())
	s.happens(0, drill.RegionJudged{Region: "us-east", Up: false, After: 3, Why: "timeout"})
	s.wait(12 * time.Second)
	s.shows("you look at 12 s ago, the drill runs on")
	if now := pageOnly(s.body()); now != was {
		t.Fatalf("paused, the page went from\n%s\nto\n%s", was, now)
	}
	sent := sentBy(s, "K")
	s.shows("you look at 12 s ago; space returns to now")
	if len(sent) > 0 || s.dialogs.Top() != nil {
		t.Fatalf("a command was taken: %v", sent)
	}
	s.runs(s.press("space")...)
	s.hides("PAUSED")
	s.shows("down")
	if s.live.state.Region("us-east").Health.Serves() || len(s.host.loaded) != 1 {
		t.Fatal("now is not what happened meanwhile")
	}
}

// TestPausedStepsInWhatHasHappened goes back from now, and on to what has come since.
func TestPausedStepsInWhatHasHappened(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	all := story(storyKill+9*time.Second, storyPlan())
	s.events(all)
	s.host.recorded = all
	s.runs(s.press(",")...)
	s.shows("PAUSED")
	last := s.past.player.Clock()
	if last >= all[len(all)-1].T {
		t.Fatalf("stepping back it stayed at %s", last)
	}
	for range 3 {
		s.runs(s.press(",")...)
		if s.past.player.Clock() >= last {
			t.Fatalf("it went from %s to %s", last, s.past.player.Clock())
		}
		last = s.past.player.Clock()
	}
	s.runs(s.press("{")...)
	s.shows("killed")
	s.happens(time.Second, drill.NoteWritten{By: "operator", Text: "written meanwhile"})
	for range 30 {
		s.runs(s.press(".")...)
	}
	s.shows("nothing has happened since; space returns to now")
	s.press("esc") // the card over the timeline
	s.shows("written meanwhile")
	s.shows("PAUSED")
	s.runs(s.press("end")...)
	s.hides("PAUSED")
}

// TestNothingIsMissedWhileItIsRead: what comes while the journal is being read is there to step to.
func TestNothingIsMissedWhileItIsRead(t *testing.T) {
	s := byHand(t)
	s.host.recorded = story(10*time.Second, nil)
	reading := s.press("space")
	s.shows("PAUSING")
	s.happens(0, drill.NoteWritten{By: "operator", Text: "meanwhile"})
	s.runs(reading...)
	s.hides("meanwhile")
	s.runs(s.press(".")...)
	s.shows("meanwhile")
}

func TestPauseIsGivenUp(t *testing.T) {
	s := byHand(t)
	s.host.recorded = story(10*time.Second, nil)
	reading := s.press("space")
	s.press("space")
	s.hides("PAUS")
	s.runs(reading...)
	s.hides("PAUS")

	s.host.loadErr = errors.New("load journal: no such file")
	s.runs(s.press("space")...)
	s.hides("PAUS")
	s.shows("can't go back: load journal: no such file")
}

// TestPausedDrillEnds: whoever looks at the past is told that it is over, and sees how.
func TestPausedDrillEnds(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	all := story(storyEnd, storyPlan())
	n := 0
	for all[n].T < storyBegin+30*time.Second {
		n++
	}
	s.events(all[:n])
	s.host.recorded = all[:n]
	s.runs(s.press("space")...)
	s.update(eventsMsg{events: all[n:]})
	s.update(eventsMsg{closed: true})
	s.update(tickMsg{})
	s.shows("the drill is over")
	s.shows("Fleet")
	s.runs(s.press("space")...)
	if s.page() != keys.PageResult {
		t.Fatalf("the page is %d", s.page())
	}
}

func TestPausedQuits(t *testing.T) {
	s := paused(t)
	s.press("q")
	s.shows("what about the fleet?")
	s.press("esc", "ctrl+c")
	if s.past != nil || s.page() != keys.PageLeaving {
		t.Fatal("it does not leave")
	}
}

// TestReplayIsTheSamePage holds the page of a replay against the one that was seen live, at many
// moments: there is one page.
func TestReplayIsTheSamePage(t *testing.T) {
	all := story(storyEnd, storyPlan())
	s := replaying(t, 120, 36+page.TapeAbove+page.TapeBelow)
	for n := 40; n < len(all); n += 23 {
		at := all[n].T
		live := newStage(t, 120, 36, Options{NoColor: true})
		upTo := n
		for upTo < len(all) && all[upTo].T <= at {
			upTo++
		}
		live.events(all[:upTo])
		s.past.player.Pause(true, s.at)
		s.past.player.Seek(at)
		s.update(tickMsg{})
		if live.page() == keys.PageResult {
			continue // with its own journal
		}
		if got, want := pageOnly(s.body()), pageOnly(live.text()); got != want {
			t.Fatalf("at %s the replay shows\n%s\nand live it was\n%s", at, got, want)
		}
	}
}

func TestReplayPlays(t *testing.T) {
	s := replaying(t, 120, 36)
	s.shows("REPLAY  14 Mar 2026 09:26  playing  1×")
	if at := s.past.player.Clock(); at != storyUp {
		t.Fatalf("it begins at %s, want when the fleet was up", at)
	}
	s.wait(storyKill - storyUp + time.Second)
	s.shows("killed")
	was := s.past.player.Clock()
	s.runs(s.press("space")...)
	s.shows("paused")
	s.wait(time.Hour)
	if s.past.player.Clock() > was+time.Second {
		t.Fatalf("paused, it went on from %s to %s", was, s.past.player.Clock())
	}
	s.runs(s.press("K")...)
	s.shows("this is a replay")
	s.press(">", ">", "space")
	s.shows("4×")
	s.wait(storyEnd / 4)
	if s.page() != keys.PageResult {
		t.Fatalf("at its end the page is %d:\n%s", s.page(), s.text())
	}
	s.shows("at its end")
	s.shows("of-the-story.jsonl")
	s.press(",")
	s.press(",")
	if s.page() != keys.PageDrill {
		t.Fatal("there is no way back from its end")
	}
	s.press("end", "space")
	s.shows("playing")
	if at := s.past.player.Clock(); at > storyUp+time.Second {
		t.Fatalf("from its end it plays on at %s", at)
	}
	for range 5 {
		s.press("<")
	}
	s.shows("¼×")
	s.press("<")
	s.shows("0.25× is as far as it goes")
	s.press("home")
	if !s.past.player.AtStart() || s.page() != keys.PageBringUp {
		t.Fatal("home is not the beginning")
	}
	for _, k := range []string{"}", "{"} {
		s.press(k)
		s.shows("us-east killed")
	}
}

func TestReplayLeaves(t *testing.T) {
	s := replaying(t, 120, 36)
	s.press("end")
	s.shows("b start")
	s.press("a")
	s.shows("what is shown was not run here; q leaves it")
	s.press("home", "5", "q")
	if s.past != nil || s.page() != keys.PageStart || s.drill.Focus != 1 {
		t.Fatalf("it is not back where it was opened: page %d", s.page())
	}
	path := ""
	s = newStage(t, 120, 36, Options{NoColor: true, Replay: &path})
	s.host.recorded = story(storyEnd, storyPlan())
	s.Init()
	s.past = nil
	s.ticking = true
	s.runs(s.replay(s.host, path))
	s.past.command = true
	s.press("end", "b")
	s.shows("was not opened from the start page; q leaves it")
	s.hides("b start  ")
	if s.past == nil {
		t.Fatal("b left a replay that has no start page behind it")
	}
	cmd := s.press("q")[0]
	if cmd == nil {
		t.Fatal("q did nothing")
	}
	if _, quits := cmd().(tea.QuitMsg); !quits {
		t.Fatal("q does not leave at once")
	}
	if len(s.host.session.quits) > 0 || len(s.host.chosen) > 0 {
		t.Fatal("a replay touched a fleet")
	}
}

// TestResultIsReplayed: from the result page of a drill to its replay, and back.
func TestResultIsReplayed(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(storyEnd, storyPlan()))
	s.update(eventsMsg{closed: true})
	s.host.recorded = story(storyEnd, storyPlan())
	s.runs(s.press("v")...)
	s.shows("REPLAY")
	if got := s.host.loaded; len(got) != 1 || got[0] != s.host.session.JournalPath() {
		t.Fatalf("it read %q", got)
	}
	s.press("v")
	s.shows("this is a replay")
	s.press("q")
	if s.page() != keys.PageResult || s.past != nil {
		t.Fatal("it is not back at the result")
	}
	s = byHand(t)
	s.press("v")
	s.shows("the drill still runs")
}

// TestAResultIsReplayedFromAFault: the first one, or the last; v begins when the fleet was up.
func TestAResultIsReplayedFromAFault(t *testing.T) {
	for key, want := range map[string]time.Duration{"v": storyUp, "}": storyKill, "{": storyKill} {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.events(story(storyEnd, storyPlan()))
		s.update(eventsMsg{closed: true})
		s.host.recorded = story(storyEnd, storyPlan())
		s.runs(s.press(key)...)
		s.shows("REPLAY")
		if at := s.past.player.Clock(); at < want || at > want+time.Second {
			t.Errorf("%s begins at %s, want %s", key, at, want)
		}
		s.press("q")
		if s.page() != keys.PageResult || s.past != nil {
			t.Error("it is not back at the result")
		}
	}
	s := newStage(t, 120, 36, Options{NoColor: true})
	calm := slices.DeleteFunc(story(storyEnd, storyPlan()), func(e drill.Event) bool {
		switch e.Body.(type) {
		case drill.FaultBegun, drill.FaultProved:
			return true
		}
		return false
	})
	s.events(calm)
	s.update(eventsMsg{closed: true})
	s.press("}")
	s.shows("nothing was broken in this drill")
}

func TestReplayOfWhatCantBeRead(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.ticking = true
	s.host.loadErr = errors.New("line 7 is broken")
	s.runs(s.replay(s.host, "x.jsonl"))
	s.shows("can't go back: line 7 is broken")
	if s.page() != keys.PageStart {
		t.Fatal("it left the start page")
	}
	s.host.loadErr = nil // and nothing in it
	cmd := s.replay(s.host, "x.jsonl")
	s.past.command = true
	s.runs(cmd)
	s.shows("The journal could not be read")
	s.shows("x.jsonl is empty")
}

// TestAJournalThatIsNotWholeSaysSo: as long as it is looked at, and on its result with what is missing.
func TestAJournalThatIsNotWholeSaysSo(t *testing.T) {
	for _, w := range []int{80, 120} {
		s := newStage(t, w, 36, Options{NoColor: true})
		s.host.recorded, s.host.remarks = story(storyEnd, storyPlan()), []string{"7 of 9 lines were skipped"}
		s.ticking = true
		s.runs(s.replay(s.host, "of-the-story.jsonl"))
		s.shows("this journal: 7 of 9 lines were skipped")
		s.press("space")
		s.wait(time.Hour) // no notice stays so long
		s.hides("7 of 9 lines")
		s.shows("incomplete")
		s.press("end")
		s.wait(time.Hour)
		if s.page() != keys.PageResult {
			t.Fatal("it is not at its result")
		}
		s.shows("this journal: 7 of 9 lines were skipped")
		s.shows("incomplete")
	}
	s := replaying(t, 120, 36)
	s.hides("incomplete")
}

// TestScrubs: the line at the bottom takes the mouse, in a replay and in a paused drill.
func TestScrubs(t *testing.T) {
	s := replaying(t, 120, 36)
	mouse := func(x, y int, msg func(tea.Mouse) tea.Msg) {
		s.runs(s.update(msg(tea.Mouse{X: x, Y: y, Button: tea.MouseLeft})))
	}
	click := func(m tea.Mouse) tea.Msg { return tea.MouseClickMsg(m) }
	drag := func(m tea.Mouse) tea.Msg { return tea.MouseMotionMsg(m) }
	release := func(m tea.Mouse) tea.Msg { return tea.MouseReleaseMsg(m) }
	pl := s.past.player
	near := func(share float64) {
		t.Helper()
		want := time.Duration(share * float64(pl.Length()))
		if off := pl.Clock() - want; off < -time.Second || off > time.Second {
			t.Fatalf("it is at %s, want about %s", pl.Clock(), want)
		}
	}
	mouse(60, 35, click)
	near(0.5)
	s.wait(3 * time.Second)
	near(0.5) // held, it stands still
	mouse(30, 20, drag)
	near(0.25)
	mouse(-5, 99, drag)
	near(0)
	mouse(300, 0, drag)
	near(1)
	mouse(60, 35, drag)
	mouse(60, 35, release)
	near(0.5)
	s.wait(pl.Length() / 4)
	near(0.75) // it plays on, as before
	mouse(10, 20, click)
	mouse(100, 20, drag)
	near(0.75)
	if s.page() != keys.PageDrill {
		t.Fatalf("page %d", s.page())
	}

	mouse(60, 35, click)
	s.press("?") // a dialog opens over it while it is held
	mouse(60, 35, release)
	if s.past.held {
		t.Fatal("a release over a dialog left the scrubber held")
	}

	s = paused(t)
	pl = s.past.player
	mouse(60, 35, click)
	mouse(60, 35, release)
	near(0.5)
	if ago := s.now().Past.Ago; ago < 4*time.Second || ago > 6*time.Second {
		t.Fatalf("paused at half of 10 s it is %s ago", ago)
	}
}

// TestLongFoldsAreMadeBeside: what takes longer than a frame is made beside the screen, the last
// picture stays meanwhile, and the newest place that was gone to wins.
func TestLongFoldsAreMadeBeside(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	events := story(storyEnd, storyPlan())
	end := events[len(events)-1]
	last := events[:len(events)-1]
	for len(last) < 3*foldAtOnce {
		last = append(last, drill.Event{Seq: uint64(len(last) + 1), T: end.T, Body: drill.StepStarted{Index: 2}})
	}
	s.host.recorded = last
	s.ticking = true
	s.runs(s.replay(s.host, "long.jsonl"))
	s.press("space")
	was := pageOnly(s.body())
	folding := s.press("end")
	s.shows("seeking")
	if pageOnly(s.body()) != was {
		t.Fatal("the picture changed before the state was there")
	}
	s.press("home")
	s.press("}")
	if !s.past.folding {
		t.Fatal("nothing is being made")
	}
	s.runs(folding...)
	if state, n := s.past.player.Shown(); n != s.past.player.Position() || len(state.Faults) != 1 || s.past.folding {
		t.Fatalf("it shows position %d of %d", n, s.past.player.Position())
	}
	s.shows("us-east killed")
}

// TestNoKeyCommandsThePast presses every key there is in a replay, at its end, and in a live screen
// that is paused: none is sent to a fleet, and none breaks the screen.
func TestNoKeyCommandsThePast(t *testing.T) {
	exhaustive(t)
	places := map[string]func() *stage{
		"replay": func() *stage { return replaying(t, 120, 36) },
		"at its end": func() *stage {
			s := replaying(t, 120, 36)
			s.press("end")
			return s
		},
		"paused": func() *stage { return paused(t) },
	}
	for name, play := range places {
		s := play()
		for _, b := range keys.New(action.All) {
			if len(b.Keys) == 0 || b.Intent.Op == keys.Quit || b.Intent.Op == keys.QuitNow || b.Intent.Op == keys.EndDrill {
				continue
			}
			if s.dialogs = nil; s.past == nil {
				s = play() // the last key led back to now
			}
			s.press(b.Keys[0], "tab", "enter")
			s.wait(dialog.InFlight)
			s.press("tab", "enter")
			if len(s.host.session.sent) > 0 || len(s.host.session.quits) > 0 || len(s.host.chosen) > 0 {
				t.Fatalf("%s: %s sent %v, quit %v, began %v", name, b.Name, s.host.session.sent, s.host.session.quits, s.host.chosen)
			}
			if b.Intent.Op == keys.Act && s.past == nil {
				t.Fatalf("%s: %s led away", name, b.Name)
			}
		}
	}
}
