package tui

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkFrame draws a frame of a drill that has run for a while.
func BenchmarkFrame(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			s := newStage(&testing.T{}, size[0], size[1], Options{Theme: ThemeDark})
			s.events(story(storyEnd-time.Second, storyPlan()))
			b.ResetTimer()
			for b.Loop() {
				c := s.frame()
				_ = c.String()
				c.Free()
			}
		})
	}
}
