package tui

import (
	"strings"
	"testing"
)

// TestFocusNeedsNoColour holds that what has the keys is seen without colours, and
// that there is one of it.
func TestFocusNeedsNoColour(t *testing.T) {
	marked := func(s *stage) (titles []string) {
		for l := range strings.SplitSeq(s.text(), "\n") {
			for _, part := range strings.Split(l, "╭▸ ")[1:] {
				titles = append(titles, strings.Fields(part)[0])
			}
		}
		return titles
	}
	is := func(t *testing.T, s *stage, want string) {
		t.Helper()
		if got := marked(s); len(got) != 1 || got[0] != want {
			t.Fatalf("%v has the focus, want %s:\n%s", got, want, s.text())
		}
	}
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := newStage(t, size[0], size[1], Options{NoColor: true})
		for _, section := range []string{"Drills", "Where", "Fleets", "Last"} {
			is(t, s, section)
			s.press("tab")
		}
		s = byHand(t)
		s.w, s.h = size[0], size[1]
		for key, title := range map[string]string{"1": "Fleet", "2": "Traffic", "3": "Data", "4": "Recovery", "5": "Timeline", "6": "Links", "7": "Region", "8": "Commands", "9": "Latency"} {
			s.press(key)
			is(t, s, title)
		}
	}
}

// TestDistancesAreMarkedAsSet holds that nobody takes what a file says for measured.
func TestDistancesAreMarkedAsSet(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		s.press("1")
		s.shows("distances simulated, from the fleet file")
		s.press("6")
		s.shows("simulated")
	}
}
