package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// ErrForced is returned by Run when a person pressed ctrl-c again while the
// fleet was being taken down: what is left is for "fleetdrill down".
var ErrForced = errors.New("quit before the fleet was taken down")

// Themes that Options.Theme takes, beside those that style.Themes lists.
const (
	ThemeAuto  = "" // dark or light, as the terminal says it is
	ThemeDark  = "dark"
	ThemeLight = "light"
)

// Options say how the screen looks and where it begins. The zero value is good.
type Options struct {
	// Start skips the start screen.
	Start *Choice
	// Compare runs a drill on several fleets in place of the start screen.
	Compare *Comparison
	// Replay plays a journal back in place of the start screen; "" is the one that ships.
	Replay *string
	Theme  string
	// NoColor leaves colours out. Run also does so when NO_COLOR is set to
	// anything that is not empty (no-color.org).
	NoColor bool
	// ASCII draws with nothing but ASCII. Who sets it asks style.ASCIIOnly.
	ASCII bool
	// ReducedMotion lets nothing spin or light up, and draws twice a second.
	ReducedMotion bool
	// Keys is what each key is for; nil is keys.New(action.All).
	Keys keys.Table
	// First is what the start screen has chosen at first; what it leaves open the screen chooses.
	First Choice
	// Clock is the local time; nil is time.Now. It only moves clocks on
	// between events: every number comes from the events themselves.
	Clock func() time.Time
	// Forced is closed when nobody waits any more for a quit that ctx began; it may be nil.
	Forced <-chan struct{}
	// Input, Output and Environ are the terminal; nil is the process's own.
	Input   io.Reader
	Output  io.Writer
	Environ []string

	more []tea.ProgramOption // what tests add
}

// fps bounds how often the terminal is looked after: a key is answered, and the first frame
// shown, within 16 ms. What is written is bounded by tick, as a frame that is the same is not.
const fps = 60

// Run shows the screen until the person quits and the session, if any, has
// ended. When ctx ends it begins an orderly quit, as ctrl-c does; once
// Options.Forced is closed as well it returns ErrForced at once. On
// any other error (a panic in the screen, say) the terminal is restored first
// and the session is quit and waited for, so that no fleet is left behind.
func Run(ctx context.Context, host Host, o Options) error {
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	o.NoColor = o.NoColor || noColor(o.Environ)
	asking, stopAsking := context.WithCancel(ctx)
	defer stopAsking()
	m := newModel(asking, host, o)
	p := tea.NewProgram(m, programOptions(o)...)

	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		forwardStops(ctx, o.Forced, p, done)
	}()
	_, err := p.Run()
	close(done)
	<-watched

	if m.forced {
		return ErrForced
	}
	m.comparing.wait()
	if m.live.running() {
		m.live.session.Quit(m.live.session.Found())
		for range m.live.session.Events() { // until it is closed
		}
	}
	if err != nil {
		return fmt.Errorf("show the screen: %w", err)
	}
	return nil
}

func programOptions(o Options) []tea.ProgramOption {
	opts := []tea.ProgramOption{tea.WithFPS(fps), tea.WithoutSignalHandler(), tea.WithEnvironment(o.Environ)}
	if o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	return append(opts, o.more...)
}

// forwardStops turns the end of ctx, and being forced, into messages: Bubble Tea's own
// handler of signals would leave at the first of them, with the fleet still up.
func forwardStops(ctx context.Context, forced <-chan struct{}, p *tea.Program, done <-chan struct{}) {
	ended := ctx.Done()
	for {
		select {
		case <-done:
			return
		case <-forced:
			forced = nil
			p.Send(stopMsg{})
		case <-ended:
			ended = nil
			p.Send(stopMsg{})
		}
	}
}

// noColor reads NO_COLOR as no-color.org has it: anything but empty counts. The
// library reads a boolean, so that NO_COLOR=yes would not.
func noColor(environ []string) bool {
	for _, kv := range environ {
		if len(kv) > len("NO_COLOR=") && kv[:len("NO_COLOR=")] == "NO_COLOR=" {
			return true
		}
	}
	return false
}
