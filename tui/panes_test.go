package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// TestPanes keeps a picture of each pane alone, narrow and wide, while the new leader has just taken over
// and the old one is away.
func TestPanes(t *testing.T) {
	s := newStage(t, 100, 30, Options{NoColor: true})
	s.events(story(storyKill+7*time.Second, storyPlan()))
	s.drill.Full = true
	for id := pane.First; id <= pane.Last; id++ {
		for _, size := range [][2]int{{62, 18}, {112, 26}} {
			t.Run(fmt.Sprintf("%s/%d", id.Name(), size[0]), func(t *testing.T) {
				s.w, s.h = size[0], size[1]
				s.drill.Show(id)
				golden.RequireEqual(t, stripped(s.frame().String())+"\n")
			})
		}
	}
}
