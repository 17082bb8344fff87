// Package feeds is who else follows a drill while it runs, as flags name them: a file or pipe of its events, a web
// address that is told what happens, Prometheus. None of them holds
// the drill up, and what one of them lacks is said once.
package feeds

import (
	"cmp"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/pflag"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/feed/webhook"
)

// stdoutName is what stands for standard output where a file may be named.
const stdoutName = "-"

// Feeds is what flags asked for. Its zero value has nobody to feed.
type Feeds struct {
	Events  string // a file's name, or "-"; "" is none
	Webhook string // a web address; "" is that of the environment, if there is one
	Metrics string // where to listen; "" is nowhere

	tell func(string)
	open []feed
}

// Drill is a drill that runs, as its followers see it.
type Drill interface {
	// Subscribe has every event from now on, and ends with the drill.
	Subscribe() <-chan []drill.Event
	// View calls look with what the drill has come to, which must not be kept or changed.
	View(look func(*drill.State))
}

// feed is one that follows drills, one after the other.
type feed interface {
	// follow begins with a drill, and returns at once. What it returns waits, for some seconds at most, until the drill that
	// has ended is fed; it calls lost, once, where something of it was not.
	follow(d Drill, lost func(error)) (wait func())
	name() string
	io.Closer
}

// AddFlags adds the flags; piped says that standard output may be given to one.
func (f *Feeds) AddFlags(set *pflag.FlagSet, piped bool) {
	where := "this `file`"
	if piped {
		where = "this `file`, or with - to standard output and nothing else to that"
	}
	set.StringVar(&f.Events, "events", "", "write the journal's lines as they happen to "+where+" (docs/feeds.md)")
	set.StringVar(&f.Webhook, "webhook", "", "post start, faults, recoveries and verdict to this `URL` as JSON (default $"+webhookAddress+"; $"+webhookToken+" is a secret for it; docs/feeds.md)")
	set.StringVar(&f.Metrics, "metrics", "", "serve metrics for Prometheus at this `address`, of this machine only where no host is named (9464; docs/feeds.md)")
}

// Piped reports whether standard output is one feed's alone.
func (f *Feeds) Piped() bool { return f.Events == stdoutName }

// Open opens all that was asked for, before anything is started; an error says which flag is wrong. stdout is nil where it may not
// be had; version is of the program. tell says what somebody was not fed, from any goroutine.
func (f *Feeds) Open(stdout io.Writer, version string, tell func(string)) error {
	f.tell = tell
	address, token := secrets()
	if address = cmp.Or(f.Webhook, address); address != "" {
		to, err := webhook.NewTarget(address, token, version)
		if err != nil {
			return fmt.Errorf("--webhook: %w", err)
		}
		f.open = append(f.open, webhookFeed{to})
	}
	if f.Metrics != "" {
		m, err := listenMetrics(f.Metrics)
		if err != nil {
			return fmt.Errorf("--metrics: %w", err)
		}
		f.open = append(f.open, m)
	}
	if f.Events != "" {
		e, err := openEvents(f.Events, stdout)
		if err != nil {
			return fmt.Errorf("--events: %w", err)
		}
		f.open = append(f.open, e)
	}
	return nil
}

// Follow feeds everybody from a drill that has not begun. What it returns waits, for some seconds at most, until they were fed:
// it is called once the drill has ended.
func (f *Feeds) Follow(d Drill) (wait func()) {
	var all []func()
	for _, one := range f.open {
		all = append(all, one.follow(d, func(err error) {
			f.tell(clean.Text(fmt.Sprintf("%s: %s", one.name(), err)))
		}))
	}
	return func() {
		for _, wait := range all {
			wait()
		}
	}
}

// Close closes what Open opened, and tells what went wrong then.
func (f *Feeds) Close() {
	for _, one := range f.open {
		if err := one.Close(); err != nil {
			f.tell(clean.Text(fmt.Sprintf("%s: close: %s", one.name(), err)))
		}
	}
	f.open = nil
}

// Late keeps what is told while a screen is open, for afterwards. Its zero value is ready.
type Late struct {
	mu    sync.Mutex
	lines []string
}

// Keep is for Open's tell.
func (l *Late) Keep(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, text)
}

// Tell writes what was kept, a line each.
func (l *Late) Tell(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range l.lines {
		fmt.Fprintln(w, "fleetdrill:", text)
	}
}
