package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// TestLayoutTiles holds that panes fill the body and never overlap, at every
// size and with every pane in focus.
func TestLayoutTiles(t *testing.T) {
	tiles(t, stateOf(story(12*time.Second, storyPlan())), 7, 1)
	for _, n := range []int{1, 4, 6, 7, 60} {
		tiles(t, manyRegions(t, n, 120, 36).live.state, 41, 9)
	}
}

func stateOf(events []drill.Event) *drill.State {
	s := drill.NewState()
	for _, e := range events {
		s.Apply(e)
	}
	return s
}

// tiles tries screens whose sizes are some columns and rows apart.
func tiles(t *testing.T, s *drill.State, columns, rows int) {
	t.Helper()
	for w := layout.MinW; w <= 230; w += columns {
		for h := layout.MinH; h <= 70; h += rows {
			for id := pane.First; id <= pane.Last; id++ {
				header, panes := layout.Header(w, h), layout.Place(s, w, h, id, false)
				seen := make([]bool, w*h)
				for _, p := range panes {
					if p.W < 20 || p.H < 3 {
						t.Fatalf("%d×%d: %s is only %d×%d", w, h, p.ID.Name(), p.W, p.H)
					}
					for y := p.Y; y < p.Y+p.H; y++ {
						for x := p.X; x < p.X+p.W; x++ {
							if x >= w || y >= h-layout.FooterHeight || y < header || seen[y*w+x] {
								t.Fatalf("%d×%d: %s is outside or over another at %d,%d", w, h, p.ID.Name(), x, y)
							}
							seen[y*w+x] = true
						}
					}
				}
				for i := header * w; i < (h-layout.FooterHeight)*w; i++ {
					if !seen[i] {
						t.Fatalf("%d×%d: nothing at %d,%d", w, h, i%w, i/w)
					}
				}
			}
		}
	}
}

// TestFocusedPaneIsShown holds that a pane's key brings it up at every size.
func TestFocusedPaneIsShown(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}} {
		for id := pane.First; id <= pane.Last; id++ {
			t.Run(fmt.Sprintf("%s at %dx%d", id.Name(), size[0], size[1]), func(t *testing.T) {
				s := newStage(t, size[0], size[1], Options{NoColor: true})
				s.events(story(12*time.Second, storyPlan()))
				panes := layout.Place(s.live.state, size[0], size[1], id, false)
				for _, p := range panes {
					if p.ID == id {
						return
					}
				}
				t.Fatal("it is not on the screen")
			})
		}
	}
}
