package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// TestYesAndNo holds that a question is answered by its letters as by arrows and enter.
func TestYesAndNo(t *testing.T) {
	for _, tt := range []struct {
		name, key string
		sent      int
	}{{"y does it", "y", 1}, {"n goes back", "n", 0}} {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			s.press("K")
			s.wait(dialog.InFlight)
			if sent := sentBy(s, tt.key); len(sent) != tt.sent {
				t.Fatalf("sent %v", sent)
			}
			if s.dialogs.Top() != nil {
				t.Fatal("the question is still open")
			}
		})
	}
	t.Run("y in flight is no answer", func(t *testing.T) {
		s := byHand(t)
		if sent := sentBy(s, "K", "y"); len(sent) > 0 {
			t.Fatalf("sent %v", sent)
		}
	})
	t.Run("both are letters where a name is typed", func(t *testing.T) {
		s := lastCopy(t)
		s.press("K")
		s.wait(dialog.InFlight)
		if sent := sentBy(s, "y", "n"); len(sent) > 0 || s.dialogs.Top() == nil {
			t.Fatalf("sent %v, or it closed", sent)
		}
		s.shows("to confirm: yn")
	})
	t.Run("quit", func(t *testing.T) {
		s := byHand(t)
		s.still().press("q")
		s.wait(dialog.InFlight)
		s.press("n")
		if s.dialogs.Top() != nil || s.live.leaving {
			t.Fatal("n did not go back")
		}
		s.press("q")
		s.wait(dialog.InFlight)
		s.quits(s.press("y")...)
		if quits := s.host.session.quits; len(quits) != 1 || quits[0] {
			t.Fatalf("the session was told %v", quits)
		}
	})
}

// TestWhateverMovesUsersOrDataAsks goes through the list of actions: each that is not harmless and
// can be done asks by its key, with what it will do.
func TestWhateverMovesUsersOrDataAsks(t *testing.T) {
	asked := 0
	for _, a := range action.All {
		if a.Harmless || a.Words.Key == "" {
			continue
		}
		s := byHand(t)
		s.press("l") // eu-west, which does not lead
		c := s.now().Command(a)
		if _, missing := a.Missing(c); missing || action.Check(s.live.state, c) != nil {
			continue
		}
		asked++
		if sent := sentBy(s, a.Words.Key); len(sent) > 0 {
			t.Errorf("%s did %v without a question", a.Words.Key, sent)
		}
		s.wait(dialog.InFlight)
		s.shows("y does it")
	}
	if asked < 4 {
		t.Fatalf("only %d actions could be asked for", asked)
	}
}

// TestSwitchoverAsksWithItsPrediction holds that moving data says whom it will hurt.
func TestSwitchoverAsksWithItsPrediction(t *testing.T) {
	s := byHand(t)
	s.press("l", "F")
	s.wait(dialog.InFlight)
	s.shows("Switchover orders to eu-west?")
	s.shows("predicted")
	s.shows("will hurt about ")
	s.shows("orders takes no writes for about 50 ms while eu-west takes over")
	s.shows("about 2.5 % in americas: their writes go to us-east")
	s.shows("no confirmed write is lost")
}

// TestAKeyThatSpoilsAPlanSaysSo holds that a person is told before, and in a free drill is not.
func TestAKeyThatSpoilsAPlanSaysSo(t *testing.T) {
	s := broken(t, 5*time.Second)
	s.press("l", "K")
	s.wait(dialog.InFlight)
	for _, part := range []string{"This drill's plan is at step 1 of 3", "its result will be inconclusive"} {
		if !strings.Contains(strings.Join(strings.Fields(s.text()), " "), part) {
			t.Fatalf("it does not say %q:\n%s", part, s.text())
		}
	}
	s = byHand(t)
	s.press("K")
	s.wait(dialog.InFlight)
	s.hides("inconclusive")
	s = broken(t, 5*time.Second)
	s.press("q")
	s.wait(dialog.InFlight)
	s.shows("The drill is at step 1 of 3: its verdict will be “aborted”.")
}

// TestPaletteBeginsWithWhatCanBeDone holds its order: what puts something right, then what else
// can be done, then what can't, with the reason.
func TestPaletteBeginsWithWhatCanBeDone(t *testing.T) {
	s := broken(t, 10*time.Second)
	s.press(":")
	lines := strings.Split(s.text(), "\n")
	row := func(text string) int {
		for y, l := range lines {
			if strings.Contains(l, text) {
				return y
			}
		}
		t.Fatalf("the palette has no %q:\n%s", text, s.text())
		return 0
	}
	if row("r  restore us-east") > row("m  mode") || row("m  mode") > row("f  full pane") {
		t.Fatalf("what puts something right does not come first:\n%s", s.text())
	}
	s.press("k", "i", "l", "l")
	lines = strings.Split(s.text(), "\n")
	if row("K  kill eu-west") > row("K  kill us-east") {
		t.Fatalf("what can't be done comes first:\n%s", s.text())
	}
	s.shows("not now: us-east is killed; restore it first (r)")
	s.press("down", "down")
	s.shows("not now: us-east is killed; restore it first (r)")
}

// TestHelpBeginsWithThePagesOwnKeys holds that what is for another page stands last, and that the
// words of the pane in focus are explained, also where they have to be asked for.
func TestHelpBeginsWithThePagesOwnKeys(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.press("?")
	text := s.text()
	if quit, kill := strings.Index(text, "quit; asks what"), strings.Index(text, "Not on this page"); quit < 0 || kill < quit {
		t.Fatalf("the start page's own keys do not come first:\n%s", text)
	}
	s.shows("Words of this page")

	s = byHand(t)
	s.press("3", "?")
	s.hides("Not on this page")
	s.shows("Words of data")
	s.shows("leader")
	s.shows("at risk: confirmed writes")
	s.press("?", "4", "?")
	s.shows("Words of recovery")
	s.shows("lease: how long a leader takes writes")

	s = newStage(t, 80, 24, Options{NoColor: true})
	s.events(story(10*time.Second, nil))
	s.press("4", "?")
	s.hides("Words of recovery")
	s.shows("tab what the words mean")
	s.press("tab")
	s.shows("Words of recovery")
	s.press("tab")
	s.shows("kill the region")
}

// TestPagesTakeTheKeysThatHelpSays holds that each key which help lists as a page's own is for
// something there.
func TestPagesTakeTheKeysThatHelpSays(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	for _, b := range keys.OfPage(keys.PageStart) {
		for _, k := range b.Keys {
			fresh := s.start
			if fresh.Key(keyMsg(k)).Pass {
				t.Errorf("%s is for nothing on the start page, and help says “%s”", k, b.Help)
			}
		}
	}
	s.press("?")
	s.shows("start what is chosen")
	s.press("esc")

	s = over(t, true)
	s.w, s.h = 200, 90
	s.press("down")
	s.shows("all of the result is on the screen")
	s.w, s.h = 80, 24
	for _, b := range keys.OfPage(keys.PageResult) {
		for _, k := range b.Keys {
			fresh := s.result
			if taken, why := fresh.Key(keyMsg(k).String(), s.now(), s.w, s.h); !taken || why != "" {
				t.Errorf("%s is for nothing on the result page, and help says “%s”", k, b.Help)
			}
		}
	}
}
