package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/feeds"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/outside"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
	"github.com/fleetdrill/fleetdrill/drill"
	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// openScreen shows the screen, from the start screen on or, where flags say
// what to start, from the bring-up on.
func openScreen(ctx context.Context, s settings) error {
	host := newHost(&s)
	options, err := s.screenOptions()
	if err != nil {
		return err
	}
	if err := s.checkOn(); err != nil {
		return err
	}
	options.First.On = cmp.Or(s.on, options.First.On)
	if s.fleet != "" || s.drill != "" {
		// Wrong files are said on the command line, before the screen opens.
		if _, err := load("", s.fleet, s.drill); err != nil {
			return err
		}
		options.Start = &tui.Choice{On: s.on, Fleet: s.fleet, Drill: s.drill}
	}
	var late feeds.Late
	if err := s.feeds.Open(nil, version, late.Keep); err != nil {
		return err
	}
	err = runScreen(ctx, &s, host, options)
	s.feeds.Close()
	late.Tell(tty.Cleaned{Out: s.screen, ASCII: s.screen.Plain()})
	return err
}

// screenOptions is how the screen looks, as flags say it, or why it can't be shown.
func (s *settings) screenOptions() (tui.Options, error) {
	if !s.screen.Terminal() {
		return tui.Options{}, errors.New("the screen needs a terminal; without one use `fleetdrill run DRILL`, and `fleetdrill report JOURNAL` for one that was run")
	}
	if s.theme == "auto" {
		s.theme = tui.ThemeAuto
	}
	if s.theme != tui.ThemeAuto && !slices.Contains(style.Themes(), s.theme) {
		return tui.Options{}, fmt.Errorf("--theme %s: auto, %s", s.theme, strings.Join(style.Themes(), ", "))
	}
	return tui.Options{
		Theme: s.theme, NoColor: s.noColor, ASCII: s.ascii, ReducedMotion: s.calm,
		Keys: s.keys, First: s.first, Forced: s.stops.Forced(), Output: s.screen,
	}, nil
}

// runScreen shows the screen, and says afterwards where the journal of the last drill is.
func runScreen(ctx context.Context, s *settings, host *host, options tui.Options) error {
	err := showScreen(ctx, s, host, options)
	for _, path := range host.begun() {
		past.Tell(tty.Cleaned{Out: s.screen, ASCII: s.screen.Plain()}, path)
	}
	return err
}

// showScreen shows the screen until it is left.
func showScreen(ctx context.Context, s *settings, host *host, options tui.Options) error {
	// A signal is a stop that the screen obeys in order.
	s.stops.Begin()
	err := tui.Run(ctx, host, options)
	s.screen.Restore()
	switch {
	case host.err != nil:
		return host.err
	case errors.Is(err, tui.ErrForced):
		return err
	}
	return brokeOff(err) // a terminal that went away, say: nothing is wrong with the command
}

// host is what the screen needs of the program around it.
type host struct {
	past.Folder
	settings *settings
	// reports is the folder for the journals of a comparison; "" is that of all journals.
	reports string
	// err is how the last session ended; it is read after the screen has closed.
	err error

	mu       sync.Mutex
	journals []string         // of the sessions that began, in their order
	ends     map[string]error // how each ended, by its journal
}

func newHost(s *settings) *host {
	return &host{Folder: s.past(), settings: s, ends: map[string]error{}}
}

// begun is the journals of the sessions that began.
func (h *host) begun() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.journals)
}

// endOf is how the session of a journal ended.
func (h *host) endOf(path string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ends[path]
}

// Platforms is what a fleet can run on, the best first.
func (h *host) Platforms() []string { return platforms.Names() }

func (h *host) Machine(ctx context.Context) tui.Machine {
	var m tui.Machine
	for _, p := range platforms.All {
		m.Offers = append(m.Offers, h.offer(ctx, p))
	}
	return m
}

// offer is what a platform offers here to a fleet like the one that ships.
func (h *host) offer(ctx context.Context, p platforms.Entry) tui.Offer {
	const regions = 3                                       // of the fleet that ships
	o := tui.Offer{Name: p.Name, What: p.Help, Joins: true} // what Fleets says that runs
	o.Memory, o.Duration = p.Needs(regions)
	if free, err := machine.MemoryFree(); err == nil {
		o.MemoryFree = free
	}
	if on := h.settings.on; on != "" && on != p.Name {
		o.Why = "--on " + on + " was asked for"
		return o
	}
	engine, err := p.Find(ctx)
	if err != nil {
		o.Why = err.Error()
	}
	o.Available, o.Engine = err == nil, engine
	dir, err := h.settings.state()
	if err != nil {
		return o
	}
	for _, f := range machine.Missing(p.Doctor(ctx, regions, dir)) {
		o.Missing = append(o.Missing, tui.Missing{Name: f.Name, What: f.String(), Fix: f.Fix})
	}
	return o
}

// up is the fleets that were left up.
func (h *host) up() (list []record.Record) {
	state, err := h.settings.state()
	if err != nil {
		return nil
	}
	records, _ := record.List(state)
	for _, r := range records {
		if h.settings.found(r.On, r.Fleet.Name) {
			list = append(list, r)
		}
	}
	return list
}

// load reads what was chosen; of a fleet that is up and whose file is not here, its record.
func (h *host) load(c tui.Choice) (choice, error) {
	chosen, err := load(c.On, c.Fleet, c.Drill)
	if err == nil || c.Drill != "" {
		return chosen, err
	}
	for _, r := range h.up() {
		if r.Fleet.Name == c.Fleet && r.On == c.On {
			return choice{on: r.On, spec: r.Fleet}, nil
		}
	}
	return choice{}, err
}

// Start begins a drill in the background.
func (h *host) Start(ctx context.Context, c tui.Choice) (tui.Session, error) {
	if c.On == "" {
		on, err := h.settings.chooseOn(ctx)
		if err != nil {
			return nil, err
		}
		c.On = on
	}
	chosen, err := h.load(c)
	if err != nil {
		return nil, err
	}
	path := ""
	if h.reports != "" {
		path = freshJournal(h.reports, chosen.spec.Name)
	}
	d, err := h.settings.begin(chosen, path, false)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.journals = append(h.journals, d.path)
	h.mu.Unlock()
	s := &session{drilling: d, on: c.On, events: make(chan []drill.Event), Stepper: h.stepper(chosen.spec, c.On)}
	in := d.engine.Subscribe()
	go func() {
		defer close(s.events)
		done := make(chan error, 1)
		go func() {
			// The screen ends a session by Quit; a signal comes to it as a key would.
			_, err := d.run(context.Background())
			done <- err
		}()
		for batch := range in {
			s.events <- batch
		}
		h.err = brokeOff(<-done)
		h.mu.Lock()
		h.ends[d.path] = h.err
		h.mu.Unlock()
	}()
	return s, nil
}

// stepper steps into a fleet, until a signal ends the program.
func (h *host) stepper(spec topology.Fleet, on string) outside.Stepper {
	return outside.Stepper{Host: h.settings.outside(), Spec: spec, On: on, Ended: h.settings.stops.Done()}
}

// outlives reports whether every fleet on that platform can outlive this program.
func outlives(on string) bool {
	p, err := platforms.Find(on)
	return err == nil && p.Outlives
}

// session is a drill as the screen sees it.
type session struct {
	*drilling
	outside.Stepper
	on     string
	events chan []drill.Event
}

func (s *session) Events() <-chan []drill.Event { return s.events }
func (s *session) Send(c runbook.Command) error { return s.engine.Send(c) }
func (s *session) Quit(keep bool)               { s.engine.Quit(keep) }
func (s *session) CanKeep() bool                { return s.drilling.found || outlives(s.on) }
func (s *session) Found() bool                  { return s.drilling.found }
func (s *session) JournalPath() string          { return s.path }
