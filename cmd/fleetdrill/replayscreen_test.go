package main

import (
	"fmt"
	"strings"
	"testing"
)

// A person plays the drill that ships, with no fleet and no container engine: pauses, steps, jumps,
// scrubs by the mouse, and leaves at once.
func TestScreenReplay(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			term := newTerminal(t, size[0], size[1])
			term.types(program + " replay")
			term.wait("the drill, played", contains("REPLAY", "playing", "us-east"))
			term.keys("Space")
			term.wait("it to pause", contains("paused"))
			term.keys("}")
			term.wait("the fault", contains("down"))
			term.keys("K")
			term.wait("why no command is taken", contains("this is a replay"))
			// A click, a drag and a release on the scrubber, as an SGR mouse reports them.
			for _, report := range []string{"<0;20;%dM", "<32;40;%dM", "<0;40;%dm"} {
				term.tmux("send-keys", "-l", "\x1b["+fmt.Sprintf(report, size[1]))
			}
			term.wait("what was dragged to", func(s string) bool {
				lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
				line := []rune(lines[len(lines)-1])
				return len(line) > 39 && line[39] == '●' // the fortieth column
			})
			term.keys("End")
			term.wait("its result", contains("passed", "at its end"))
			term.keys("q")
			term.wait("the prompt", func(s string) bool { return strings.Count(s, "ready$") > 0 && !strings.Contains(s, "REPLAY") })
		})
	}
}
