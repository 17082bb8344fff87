package tui

import (
	"image/color"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/style"
)

// TestThemeFollowsTheGround holds that a theme has the colours for the ground that the terminal
// tells of, and that the one which was asked for stays.
func TestThemeFollowsTheGround(t *testing.T) {
	for _, tt := range []struct{ asked, want string }{{ThemeAuto, "light"}, {ThemeDark, "dark"}, {"high-contrast", "high-contrast"}} {
		s := newStage(t, 80, 24, Options{Theme: tt.asked})
		before := s.theme.Cell(style.Danger)
		s.update(tea.BackgroundColorMsg{Color: color.White})
		after := s.theme.Cell(style.Danger)
		if s.theme.Name != tt.want {
			t.Errorf("%q on a light ground is %s", tt.asked, s.theme.Name)
		}
		if same := after.Equal(&before); same != (tt.asked == ThemeDark) {
			t.Errorf("%q on a light ground: the same colours %v", tt.asked, same)
		}
	}
}

// TestEveryThemeByKey holds that t shows one theme after the other, by name, and comes round.
func TestEveryThemeByKey(t *testing.T) {
	s := newStage(t, 120, 36, Options{})
	first := s.theme.Name
	frames := map[string]bool{}
	for range style.Themes() {
		s.press("t")
		s.shows("theme " + s.theme.Name + ": " + style.About(s.theme.Name))
		frames[s.screen()] = true
	}
	if s.theme.Name != first || len(frames) != len(style.Themes()) {
		t.Errorf("after %d different frames it is %s", len(frames), s.theme.Name)
	}
	s = newStage(t, 120, 36, Options{NoColor: true})
	s.press("t")
	s.shows("colours are switched off")
}
