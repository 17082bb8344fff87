package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is a real terminal (tmux) with a shell in it, for driving the screen
// as a person does.
type terminal struct {
	*testing.T
	socket string
	state  string // XDG_STATE_HOME of the program
}

// newTerminal opens a terminal of that size with a plain shell.
func newTerminal(t *testing.T, width, height int) *terminal {
	t.Helper()
	if os.Getenv("FLEETDRILL_TEST_SCREEN") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_SCREEN is not set; it drives the screen in tmux (make test-screen)")
	}
	dir := t.TempDir()
	term := &terminal{T: t, socket: filepath.Join(dir, "tmux"), state: filepath.Join(dir, "state")}
	term.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		"env", "PS1=ready$ ", "LC_ALL=C.UTF-8", "XDG_STATE_HOME="+term.state, "HOME="+dir, "sh")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen at the end:\n%s", term.text())
		}
		_ = exec.Command("tmux", "-S", term.socket, "kill-server").Run()
		down := exec.Command(program, "down")
		down.Env = append(os.Environ(), "XDG_STATE_HOME="+term.state)
		if out, err := down.CombinedOutput(); err != nil {
			t.Errorf("down: %v\n%s", err, out)
		}
	})
	term.wait("a prompt", contains("ready$"))
	return term
}

func (term *terminal) tmux(args ...string) string {
	term.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", term.socket}, args...)...).CombinedOutput()
	if err != nil {
		term.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// text is what the terminal shows, without colours.
func (term *terminal) text() string {
	out, err := exec.Command("tmux", "-S", term.socket, "capture-pane", "-p").Output()
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// keys presses keys, by tmux's names for them.
func (term *terminal) keys(keys ...string) {
	term.Helper()
	term.tmux(append([]string{"send-keys"}, keys...)...)
}

// types types a line and presses Enter.
func (term *terminal) types(line string) {
	term.Helper()
	term.tmux("send-keys", "-l", line)
	term.keys("Enter")
}

// wait looks at the screen until it is as hoped.
func (term *terminal) wait(what string, hold func(string) bool) string {
	term.Helper()
	for limit := time.Now().Add(90 * time.Second); ; {
		text := term.text()
		if hold(text) {
			return text
		}
		if time.Now().After(limit) {
			term.Fatalf("not within 90 s: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func contains(words ...string) func(string) bool {
	return func(text string) bool {
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
}

// regions are the processes of the fleet's regions that run now.
func (term *terminal) regions() []string {
	out, _ := exec.Command("pgrep", "-f", "fleetdrill-agent region .*"+term.state).Output()
	return strings.Fields(string(out))
}

// program's process in the terminal.
func (term *terminal) pid() string {
	term.Helper()
	shell := strings.TrimSpace(term.tmux("display-message", "-p", "#{pane_pid}"))
	out, err := exec.Command("pgrep", "-P", shell).Output()
	if err != nil {
		term.Fatalf("no program in the terminal: %v", err)
	}
	return strings.Fields(string(out))[0]
}

// gone waits until nothing of ours runs and no file of a fleet is left. The files
// go after the processes, so that a `down` that comes too late knows what there was.
func (term *terminal) gone() {
	term.Helper()
	term.wait("every region's process is gone", func(string) bool { return len(term.regions()) == 0 })
	term.wait("every file of a fleet is gone", func(string) bool {
		left, _ := filepath.Glob(filepath.Join(term.state, "fleetdrill", "fleets", "*"))
		return len(left) == 0
	})
}
