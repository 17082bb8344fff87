package tui

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestAHundredResizes drags a terminal's corner while a drill runs: whatever sizes came in
// between, the last frame is that of a terminal that always had the last size.
func TestAHundredResizes(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 100))
	events := story(15*time.Second, storyPlan())
	const w, h = 120, 36
	dragged, still := newStage(t, w, h, Options{}), newStage(t, w, h, Options{})
	dragged.events(events[:1])
	still.events(events[:1])
	for i, rest := 0, events[1:]; i < 100; i++ {
		n := len(rest) / (100 - i)
		dragged.update(tea.WindowSizeMsg{Width: random.IntN(260), Height: random.IntN(80)})
		checkFrame(t, dragged, fmt.Sprintf("resize %d", i))
		dragged.events(rest[:n])
		still.events(rest[:n])
		rest = rest[n:]
	}
	dragged.update(tea.WindowSizeMsg{Width: w, Height: h})
	if got, want := dragged.frame().String(), still.frame().String(); got != want {
		t.Errorf("the last frame is\n%s\nwant\n%s", stripped(got), stripped(want))
	}
}
