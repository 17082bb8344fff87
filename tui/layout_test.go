package tui

import (
	"fmt"
	"slices"
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

// cards are the rows of a card below the panes, or none.
var cards = []int{0, 5, 8}

// tiles tries screens whose sizes are some columns and rows apart.
func tiles(t *testing.T, s *drill.State, columns, rows int) {
	t.Helper()
	for w := layout.MinW; w <= 230; w += columns {
		for h := layout.MinH; h <= 70; h += rows {
			for id := pane.First; id <= pane.Last; id++ {
				header, below := layout.Header(w, h), min(cards[(w+h+int(id))%len(cards)], layout.Below(w, h))
				panes := layout.Place(s, w, h, below, id, false)
				seen := make([]bool, w*h)
				for _, p := range panes {
					if p.W < 20 || p.H < 3 {
						t.Fatalf("%d×%d: %s is only %d×%d", w, h, p.ID.Name(), p.W, p.H)
					}
					for y := p.Y; y < p.Y+p.H; y++ {
						for x := p.X; x < p.X+p.W; x++ {
							if x >= w || y >= h-layout.FooterHeight-below || y < header || seen[y*w+x] {
								t.Fatalf("%d×%d: %s is outside or over another at %d,%d", w, h, p.ID.Name(), x, y)
							}
							seen[y*w+x] = true
						}
					}
				}
				for i := header * w; i < (h-layout.FooterHeight-below)*w; i++ {
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
				for _, below := range cards {
					panes := layout.Place(s.live.state, size[0], size[1], min(below, layout.Below(size[0], size[1])), id, false)
					if !slices.ContainsFunc(panes, func(p layout.Placed) bool { return p.ID == id }) {
						t.Errorf("it is not on the screen above %d rows", below)
					}
				}
			})
		}
	}
}

// TestDataStaysAboveACard holds that a card takes rows of the timeline and the map before those of the data, in a
// replay too, whose own rows are two.
func TestDataStaysAboveACard(t *testing.T) {
	s := stateOf(story(12*time.Second, storyPlan()))
	for h := 34; h <= 50; h++ {
		if panes := layout.Place(s, 120, h, 5, pane.Fleet, false); !slices.ContainsFunc(panes, func(p layout.Placed) bool { return p.ID == pane.Data }) {
			t.Errorf("in %d rows there is no data: %v", h, panes)
		}
	}
}
