package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill"
	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
)

// openScreen shows the screen, from the start screen on or, where flags say
// what to start, from the bring-up on.
func openScreen(ctx context.Context, s settings) error {
	if !s.screen.terminal() {
		return errors.New("the screen needs a terminal; without one use `fleetdrill run DRILL`")
	}
	if s.theme == "auto" {
		s.theme = tui.ThemeAuto
	}
	if !slices.Contains([]string{tui.ThemeAuto, tui.ThemeDark, tui.ThemeLight}, s.theme) {
		return fmt.Errorf("--theme %s: auto, light or dark", s.theme)
	}
	host := &host{settings: &s}
	options := tui.Options{
		Theme: s.theme, NoColor: s.noColor, ASCII: s.ascii, ReducedMotion: s.calm,
		LastJournal: s.lastJournal(), Forced: s.stops.forced, Output: s.screen,
	}
	if err := s.checkOn(); err != nil {
		return err
	}
	if s.fleet != "" || s.drill != "" {
		// Wrong files are said on the command line, before the screen opens.
		if _, err := load("", s.fleet, s.drill); err != nil {
			return err
		}
		options.Start = &tui.Choice{On: s.on, Fleet: s.fleet, Drill: s.drill}
	}
	// A signal is a stop that the screen obeys in order.
	s.stops.begin()
	err := tui.Run(ctx, host, options)
	s.screen.restore()
	if path := host.journal.Load(); path != nil {
		out := cleaned{s.screen, s.screen.plain()}
		tellJournal(out, *path)
		fmt.Fprintf(out, "its report: fleetdrill report %s\n", shellWord(*path))
	}
	switch {
	case host.err != nil:
		return host.err
	case errors.Is(err, tui.ErrForced):
		return err
	}
	return brokeOff(err) // a terminal that went away, say: nothing is wrong with the command
}

// lastJournal is the newest journal, "" when there is none: their names begin
// with the time.
func (s *settings) lastJournal() string {
	state, err := s.state()
	if err != nil {
		return ""
	}
	all, _ := filepath.Glob(filepath.Join(state, "journals", "*.jsonl"))
	if len(all) == 0 {
		return ""
	}
	return slices.Max(all)
}

// host is what the screen needs of the program around it.
type host struct {
	settings *settings
	// err is how the last session ended; it is read after the screen has closed.
	err     error
	journal atomic.Pointer[string] // of the last session, nil where none began
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
		o.Why = err.Error() + "; see `fleetdrill doctor`"
		return o
	}
	o.Available, o.Engine = true, engine
	return o
}

func (h *host) Fleets() []tui.FleetChoice {
	running, up := map[string]string{}, h.up()
	for _, r := range up {
		running[r.Fleet.Name] = r.On
	}
	shipped, err := scenario.List()
	if err != nil {
		return []tui.FleetChoice{{Name: "the fleets that ship", Err: err}}
	}
	var out []tui.FleetChoice
	for _, spec := range shipped.Fleets {
		out = append(out, tui.FleetChoice{Name: spec.Name, Summary: summary(spec), Running: running[spec.Name]})
	}
	// The default comes first.
	slices.SortStableFunc(out, func(a, b tui.FleetChoice) int { return rank(a.Name) - rank(b.Name) })
	for _, path := range filesHere("fleet") {
		spec, err := scenario.LoadFleet(path)
		out = append(out, tui.FleetChoice{Name: path, Summary: summary(spec), Running: running[spec.Name], Err: err})
		delete(running, spec.Name)
	}
	for _, spec := range shipped.Fleets {
		delete(running, spec.Name)
	}
	for _, r := range up { // made from a file that is not here
		if running[r.Fleet.Name] != "" {
			out = append(out, tui.FleetChoice{Name: r.Fleet.Name, Summary: summary(r.Fleet), Running: r.On})
		}
	}
	return out
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

func rank(fleet string) int {
	if fleet == defaultFleet {
		return 0
	}
	return 1
}

func (h *host) Drills() []tui.DrillChoice {
	shipped, err := scenario.List()
	if err != nil {
		return []tui.DrillChoice{{Name: "the drills that ship", Err: err}}
	}
	var out []tui.DrillChoice
	for _, d := range shipped.Drills {
		out = append(out, tui.DrillChoice{Name: d.Plan.Name, Title: d.Plan.Title, Hypothesis: d.Plan.Hypothesis, Fleet: d.Fleet.Name})
	}
	for _, path := range filesHere("drill") {
		plan, spec, err := scenario.LoadDrill(path)
		out = append(out, tui.DrillChoice{Name: path, Title: plan.Title, Hypothesis: plan.Hypothesis, Fleet: spec.Name, Err: err})
	}
	return out
}

// filesHere lists the files of a kind in the folder that the program was started
// in, by their names: NAME.fleet.yaml and NAME.drill.yaml.
func filesHere(kind string) []string {
	all, _ := filepath.Glob("*." + kind + ".yaml")
	return all
}

func summary(f topology.Fleet) string {
	if f.Name == "" {
		return ""
	}
	return fmt.Sprintf("%s, %s, %s", format.Plural(len(f.Regions), "region", "regions"), format.Plural(f.TotalUsers(), "user", "users"), format.Plural(len(f.Datasets), "dataset", "datasets"))
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
	d, err := h.settings.begin(chosen, "", false)
	if err != nil {
		return nil, err
	}
	h.journal.Store(&d.path)
	s := &session{drilling: d, on: c.On, events: make(chan []drill.Event), stepper: stepper{settings: h.settings, fleet: chosen.spec, on: c.On}}
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
	}()
	return s, nil
}

// outlives reports whether every fleet on that platform can outlive this program.
func outlives(on string) bool {
	p, err := platforms.Find(on)
	return err == nil && p.Outlives
}

// session is a drill as the screen sees it.
type session struct {
	*drilling
	stepper
	on     string
	events chan []drill.Event
}

func (s *session) Events() <-chan []drill.Event { return s.events }
func (s *session) Send(c runbook.Command) error { return s.engine.Send(c) }
func (s *session) Quit(keep bool)               { s.engine.Quit(keep) }
func (s *session) CanKeep() bool                { return s.drilling.found || outlives(s.on) }
func (s *session) Found() bool                  { return s.drilling.found }
func (s *session) JournalPath() string          { return s.path }
