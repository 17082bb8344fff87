package tui

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is the screen in a real terminal, driven by its own words.
type terminal struct {
	t      *testing.T
	socket string
}

// openTerminal runs this test binary as the screen inside tmux, on a server of
// its own.
func openTerminal(t *testing.T, w, h int, env ...string) *terminal {
	t.Helper()
	if os.Getenv("FLEETDRILL_TEST_SCREEN") == "" {
		t.Skip("skipped: set FLEETDRILL_TEST_SCREEN=1 to drive the screen in tmux")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	script := fmt.Sprintf("%s FLEETDRILL_SCREEN_CHILD=1 %s; echo EXIT=$?; exec cat", strings.Join(env, " "), self)
	term.tmux("new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "env "+quoteEnv(script))
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", term.socket, "kill-server").Run() })
	return term
}

// quoteEnv makes sh -c '…' of a script without single quotes.
func quoteEnv(script string) string { return "sh -c '" + script + "'" }

func (term *terminal) tmux(args ...string) string {
	term.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", term.socket, "-f", "/dev/null"}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		term.t.Fatalf("tmux %v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

func (term *terminal) screen() string { return term.tmux("capture-pane", "-p") }

// until polls the terminal until it is as wanted, for at most ten seconds.
func (term *terminal) until(about string, ok func(screen string) bool) {
	term.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(10 * time.Second)
	for !ok(term.screen()) {
		select {
		case <-limit:
			term.t.Fatalf("the terminal never showed %s:\n%s", about, term.screen())
		case <-ticker.C:
		}
	}
}

func (term *terminal) waits(want string) {
	term.t.Helper()
	term.until(want, func(s string) bool { return strings.Contains(s, want) })
}

// waitsGone waits for a text to be gone. It must follow Escape: a key right
// behind it would be taken as one with Alt.
func (term *terminal) waitsGone(text string) {
	term.t.Helper()
	term.until("a screen without "+text, func(s string) bool { return !strings.Contains(s, text) })
}

func (term *terminal) press(keys ...string) {
	term.t.Helper()
	term.tmux(append([]string{"send-keys"}, keys...)...)
}

func TestTerminalDrill(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			term := openTerminal(t, size[0], size[1], "SCREEN_FROM=9s", "SCREEN_THEME=dark")
			term.waits("Recovery of orders")
			term.waits("first write  ✓")
			term.press("?")
			term.waits("kill the region")
			term.press("Escape")
			term.waitsGone("kill the region")
			term.press("q")
			term.waits("what about the fleet?")
			term.waits("Take it down") // shown once it can be chosen
			term.press("Tab", "Tab", "Enter")
			term.waits("EXIT=0")
		})
	}
}

func TestTerminalResizes(t *testing.T) {
	term := openTerminal(t, 120, 36, "SCREEN_FROM=9s", "SCREEN_BY_HAND=1")
	term.waits("Traffic")
	term.tmux("resize-window", "-x", "20", "-y", "5")
	term.waits("need 60×15")
	term.tmux("resize-window", "-x", "80", "-y", "24")
	term.waits("USERS FAILING NOW")
	term.press("C-c")
	term.waits("EXIT=0")
}

func TestTerminalStart(t *testing.T) {
	term := openTerminal(t, 80, 24, "SCREEN_START=1")
	term.waits("up on kind")
	term.press("Enter")
	term.waits("starts")
	term.waits("USERS FAILING NOW")
	term.press("C-c")
	term.waits("EXIT=0")
}

func TestTerminalNoColor(t *testing.T) {
	term := openTerminal(t, 120, 36, "SCREEN_FROM=12s", "NO_COLOR=yes")
	term.waits("USERS FAILING NOW")
	if s := term.tmux("capture-pane", "-p", "-e"); strings.Contains(s, "[38;") || strings.Contains(s, "[31m") || strings.Contains(s, "[34m") {
		t.Fatalf("colours in spite of NO_COLOR=yes:\n%q", s)
	}
	term.press("C-c")
	term.waits("EXIT=0")
}
