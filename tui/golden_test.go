package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// scene is a moment that a picture is kept of.
type scene struct {
	name string
	play func(s *stage)
}

var scenes = []scene{
	{"start", func(*stage) {}},
	{"bring-up", func(s *stage) { s.events(story(1900*time.Millisecond, storyPlan())) }},
	{"steady", func(s *stage) { s.events(story(storyBegin-time.Second, storyPlan())) }},
	{"fencing", func(s *stage) { s.events(story(storyKill+1500*time.Millisecond, storyPlan())) }},
	{"what-just-happened", func(s *stage) { s.events(story(storyKill+7*time.Second, storyPlan())) }},
	{"seven-seconds-after", func(s *stage) { s.events(story(storyKill+7*time.Second, storyPlan())); s.press("esc") }},
	{"switched-back", func(s *stage) { s.events(story(storyBegin+33*time.Second, storyPlan())); s.press("esc") }},
	{"result", func(s *stage) { s.events(story(storyEnd, storyPlan())); s.update(eventsMsg{closed: true}) }},
	{"paused", func(s *stage) {
		s.host.recorded = story(storyKill+7*time.Second, storyPlan())
		s.events(s.host.recorded)
		s.runs(s.press("space")...)
		s.press(",", ",")
		s.wait(4 * time.Second)
	}},
	{"replay", func(s *stage) {
		s.ticking, s.host.recorded = true, story(storyEnd, storyPlan())
		s.runs(s.replay(s.host, "x"))
		s.press("}", ".", ".", ".", "space")
	}},
	{"replay-result", func(s *stage) {
		s.ticking, s.host.recorded = true, story(storyEnd, storyPlan())
		s.runs(s.replay(s.host, "of-the-story.jsonl"))
		s.press("end")
	}},
	{"comparison", func(s *stage) {
		s.compares(true)
		s.ran(story(storyEnd, storyPlan()), true)
		s.ran(story(storyKill+1500*time.Millisecond, storyPlan()), false)
	}},
	{"matrix", func(s *stage) { s.events(story(10*time.Second, nil)); s.happens(0, cutTwice()...); s.press("esc", "M") }},
	{"kill-dialog", func(s *stage) { s.events(story(10*time.Second, nil)); s.press("K"); s.wait(dialog.InFlight) }},
	{"presenter", func(s *stage) { s.events(story(storyKill+1500*time.Millisecond, storyPlan())); s.press("p") }},
	{"help", func(s *stage) { s.events(story(10*time.Second, nil)); s.press("?") }},
	{"quit-dialog", func(s *stage) { s.events(story(10*time.Second, nil)); s.press("q"); s.wait(dialog.InFlight) }},
}

// TestGolden keeps pictures of the screen: as text at each size, and with each
// look's escape sequences at one. "go test ./tui -update" draws them anew.
func TestGolden(t *testing.T) {
	sizes := [][2]int{{80, 24}, {120, 36}, {200, 50}}
	for _, sc := range scenes {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", sc.name, size[0], size[1]), func(t *testing.T) {
				s := newStage(t, size[0], size[1], Options{NoColor: true})
				sc.play(s)
				golden.RequireEqual(t, s.text()+"\n")
			})
		}
		looks := map[string]Options{"dark": {Theme: ThemeDark}, "light": {Theme: ThemeLight}, "no-colour": {NoColor: true}}
		for name, o := range looks {
			t.Run(fmt.Sprintf("%s/%s", sc.name, name), func(t *testing.T) {
				s := newStage(t, 120, 36, o)
				sc.play(s)
				golden.RequireEqual(t, s.screen()+"\n")
			})
		}
	}
	t.Run("ascii", func(t *testing.T) {
		s := newStage(t, 120, 36, Options{NoColor: true, ASCII: true})
		s.events(story(storyKill+7*time.Second, storyPlan()))
		golden.RequireEqual(t, s.text()+"\n")
	})
}
