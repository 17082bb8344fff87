package main

import (
	"os/exec"
	"strings"
	"testing"
)

// A person opens the screen, brings a local fleet up, kills the authority,
// watches it fail over, restores it, and quits.
func TestScreenDrill(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"120x36", 120, 36}, {"200x50", 200, 50}} {
		t.Run(size.name, func(t *testing.T) {
			term := newTerminal(t, size.width, size.height)
			term.types(program + " --on local")
			term.wait("the start screen", contains("three-regions", "Start here"))
			term.keys("End")
			term.wait("the free drill", contains("your own hands"))
			term.keys("Enter")
			term.wait("the drill", contains("us-east", "healthy", "eu-west"))

			term.keys("?")
			term.wait("help", contains("kill the region"))
			term.keys("Escape")
			term.wait("no help", func(s string) bool { return !strings.Contains(s, "kill the region") }) // Esc and r at once are Alt+r

			term.keys("r") // a disabled key says why
			term.wait("why not", contains("nothing to restore"))

			term.keys("K")
			term.wait("the dialog with what it will break", contains("Cancel", "Kill"))
			term.keys("Enter") // Cancel is in focus
			term.wait("still healthy", func(s string) bool { return !strings.Contains(s, "Cancel") && strings.Contains(s, "healthy") })

			term.keys("K")
			term.wait("the dialog again", contains("Cancel"))
			term.keys("Tab", "Enter")
			term.wait("killed", contains("down"))
			term.wait("another authority, in the second epoch", contains("2nd term"))

			term.keys("r")
			term.wait("the question", contains("Cancel", "Restore us-east"))
			term.keys("Tab", "Enter")
			term.wait("restored", func(s string) bool { return !strings.Contains(s, "✕") && strings.Contains(s, "healthy") })

			term.keys("q")
			term.wait("the question", contains("Take it down"))
			term.keys("Tab", "Enter") // Cancel is in focus
			term.wait("the result, or the prompt", func(s string) bool { return strings.Contains(s, "ready$") || strings.Contains(s, "journal") })
			term.keys("q")
			term.wait("the prompt", contains("ready$"))
			term.gone()
		})
	}
}

// However the program ends, the terminal works and nothing is left.
func TestScreenEnds(t *testing.T) {
	start := func(t *testing.T) *terminal {
		term := newTerminal(t, 120, 36)
		term.types(program + " --on local -f three-regions")
		term.wait("the drill", contains("us-east", "healthy"))
		return term
	}
	t.Run("ctrl-c", func(t *testing.T) {
		term := start(t)
		term.keys("C-c")
		term.wait("the end", func(s string) bool { return strings.Contains(s, "ready$") || strings.Contains(s, "journal") })
		term.keys("q")
		term.wait("the prompt, and where the journal is", contains("ready$", "journal: "+term.state, "its report: fleetdrill report "+term.state))
		term.gone()
		term.types("stty -a | grep -o ' echo '")
		term.wait("echo is on again", contains("echo"))
	})
	t.Run("SIGTERM", func(t *testing.T) {
		term := start(t)
		if err := exec.Command("kill", "-TERM", term.pid()).Run(); err != nil {
			t.Fatal(err)
		}
		term.wait("the prompt, and where the journal is", contains("ready$", "journal: "+term.state))
		term.gone()
	})
	t.Run("ctrl-c during bring-up", func(t *testing.T) {
		term := newTerminal(t, 120, 36)
		term.types(program + " --on local -f three-regions; echo left")
		term.keys("C-c")
		term.wait("the end", func(s string) bool { return strings.Contains(s, "left") || strings.Contains(s, "journal") })
		term.keys("q")
		term.gone()
	})
	t.Run("SIGKILL, then down", func(t *testing.T) {
		term := start(t)
		if len(term.regions()) != 3 {
			t.Fatalf("regions: %v", term.regions())
		}
		pid := term.pid()
		if err := exec.Command("kill", "-KILL", pid).Run(); err != nil {
			t.Fatal(err)
		}
		// Until the last of its threads has gone it still holds the fleet's lock.
		term.wait("the program is gone", func(string) bool { return exec.Command("kill", "-0", pid).Run() != nil })
		term.wait("regions die with their parent", func(string) bool { return len(term.regions()) == 0 })
		// Nobody restored the terminal: Enter is no newline until it is sane again.
		term.tmux("send-keys", "-l", "stty sane")
		term.keys("C-j")
		term.types("clear; " + program + " down")
		term.wait("down", contains("three-regions: gone"))
		term.gone()
	})
	t.Run("SIGHUP", func(t *testing.T) {
		term := start(t)
		term.tmux("kill-session")
		term.gone()
	})
}

// On a slow line a key's bytes come apart, and a shell tells of a closed terminal as the kernel
// does: neither moves data or leaves a fleet behind.
func TestScreenOverASlowLine(t *testing.T) {
	term := newTerminal(t, 120, 36)
	term.types(program + " --on local -f three-regions")
	term.wait("the drill", contains("us-east", "healthy"))
	term.keys("l") // not the authority
	term.keys("Escape")
	term.keys("-H", "5b")
	term.wait("the first part is left out", contains("[” came as the rest of a key"))
	term.keys("-H", "46")
	term.wait("the second part is left out", contains("“F” came as the rest of a key"))
	if text := term.text(); strings.Contains(text, "Cancel") || strings.Contains(text, "2nd term") {
		t.Fatalf("a key's rest was a command:\n%s", text)
	}
	pid := term.pid()
	for range 2 {
		if err := exec.Command("kill", "-HUP", pid).Run(); err != nil {
			t.Fatal(err)
		}
	}
	term.wait("the prompt", contains("ready$"))
	term.gone()
}

func TestScreenTooSmall(t *testing.T) {
	term := newTerminal(t, 20, 5)
	term.types(program + " --on local")
	term.wait("what it needs", contains("small"))
	term.keys("q")
	term.wait("the prompt", contains("ready$"))
}
