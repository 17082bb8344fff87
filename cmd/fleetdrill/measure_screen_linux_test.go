package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// screenDrill has a fault that heals, so that clocks run, bars grow and users move while it is drawn.
const screenDrill = `title: What the screen costs
fleet: three-regions
steady: {for: 3s, success: 90%}
steps:
  - {at: 3s, do: kill, region: us-east}
  - {at: 10s, do: restore, region: us-east}
end: 60s
`

// How long is measured, once the fleet is up; the fault and its mending are inside.
const (
	screenWarmUp = 5 * time.Second
	screenWindow = 25 * time.Second
)

// TestMeasureScreen prints what the screen costs at 120×36, and how long it is from the start of the program to its first
// frame.
func TestMeasureScreen(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for a minute (make bench)")
	}
	t.Run("beside the same drill without it", measureScreenCost)
	t.Run("from start to first frame", measureFirstFrame)
}

// inTerminal is a command with a state of its own.
func inTerminal(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

// measureScreenCost runs the drill with the screen and without side by side, so that both have the same machine.
func measureScreenCost(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.yaml")
	if err := os.WriteFile(file, []byte(screenDrill), 0o600); err != nil {
		t.Fatal(err)
	}
	headless := inTerminal(t.TempDir(), "run", file, "--on", "local")
	if err := headless.Start(); err != nil {
		t.Fatal(err)
	}
	drawn := inTerminal(t.TempDir(), "--drill", file, "--on", "local")
	pty := startInTerminal(t, drawn, 120, 36)
	defer func() {
		for _, cmd := range []*exec.Cmd{headless, drawn} {
			_ = cmd.Process.Signal(syscall.SIGINT)
			_ = cmd.Wait() // an interrupted drill has not passed
		}
	}()
	pty.until("us-east")

	time.Sleep(screenWarmUp)
	pids := []int{headless.Process.Pid, drawn.Process.Pid}
	var before, after [2]float64
	for i, pid := range pids {
		before[i], _ = processorTime(t, pid)
	}
	from, written := time.Now(), pty.count()
	time.Sleep(screenWindow)
	for i, pid := range pids {
		after[i], _ = processorTime(t, pid)
	}
	seconds := time.Since(from).Seconds()
	pty.until("killed")
	without, with := 100*(after[0]-before[0])/seconds, 100*(after[1]-before[1])/seconds
	t.Logf("processor: %.1f %% of a core with the screen, %.1f %% without: the screen's own is %.1f %%", with, without, with-without)
	t.Logf("memory: %.1f MB with the screen, %.1f MB without (RSS at its most)", peakMemory(t, pids[1]), peakMemory(t, pids[0]))
	t.Logf("written to the terminal: %.1f kB/s", float64(pty.count()-written)/seconds/1000)
}

func measureFirstFrame(t *testing.T) {
	var starts []time.Duration
	for range 9 {
		cmd := inTerminal(t.TempDir())
		began := time.Now()
		pty := startInTerminal(t, cmd, 120, 36)
		starts = append(starts, pty.until("╭").Sub(began))
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	}
	slices.Sort(starts)
	ms := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	t.Logf("%s (median of %d; %s to %s)", ms(starts[len(starts)/2]), len(starts), ms(starts[0]), ms(starts[len(starts)-1]))
}

// peakMemory is the most that a process had resident, in MB.
func peakMemory(t *testing.T, pid int) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib * 1024 / 1e6
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

// pseudoTerminal keeps what a program writes to its terminal.
type pseudoTerminal struct {
	t    *testing.T
	mu   sync.Mutex
	all  bytes.Buffer
	more chan struct{}
}

// startInTerminal starts a program in a terminal of its own, of w columns and h rows.
func startInTerminal(t *testing.T, cmd *exec.Cmd, w, h int) *pseudoTerminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("SKIPPED: no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(w), Row: uint16(h)}); err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &pseudoTerminal{t: t, more: make(chan struct{}, 1)}
	go p.read(master)
	return p
}

func (p *pseudoTerminal) read(master *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := master.Read(buf)
		p.mu.Lock()
		p.all.Write(buf[:n])
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
		if err != nil {
			return // the program has ended
		}
	}
}

func (p *pseudoTerminal) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.String()
}

func (p *pseudoTerminal) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.Len()
}

// until waits for a text, and is when it came.
func (p *pseudoTerminal) until(text string) time.Time {
	p.t.Helper()
	limit := time.After(10 * time.Second)
	for !strings.Contains(p.text(), text) {
		select {
		case <-p.more:
		case <-limit:
			p.t.Fatalf("never written: %q", text)
		}
	}
	return time.Now()
}
