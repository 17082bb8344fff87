package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/engine/capacity"
	"github.com/fleetdrill/fleetdrill/drill/estimate/last"
	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// defaultFleet is what starts when nothing else is asked for.
const defaultFleet = "three-regions"

// choice is what to drill: a fleet, on what, and by which plan (nil by hand).
type choice struct {
	on   string
	spec topology.Fleet
	plan *runbook.Plan
}

// load reads the fleet or drill file. A drill names its own fleet; it runs on another one that has
// regions and datasets of the same names.
func load(on, fleetName, drillName string) (choice, error) {
	if drillName != "" {
		plan, spec, err := scenario.LoadDrill(drillName)
		if err == nil && fleetName != "" && fleetName != spec.Name {
			if spec, err = scenario.LoadFleet(fleetName); err == nil {
				plan, err = scenario.LoadDrillOn(drillName, spec)
			}
		}
		if err != nil {
			return choice{}, err
		}
		return choice{on: on, spec: spec, plan: &plan}, nil
	}
	if fleetName == "" {
		fleetName = defaultFleet
	}
	spec, err := scenario.LoadFleet(fleetName)
	return choice{on: on, spec: spec}, err
}

// drilling is an engine with its journal, from start to end.
type drilling struct {
	engine  *engine.Engine
	journal *journal.Writer
	path    string
	found   bool   // the fleet was there before
	took    string // the file of how long things took last
	fed     func() // waits until whoever follows the drill has been told of its end
	closers []func()
}

// begin opens the journal and makes the engine; run runs it. The fleet is left up at the end
// where keep says so, and where it was there before.
func (s *settings) begin(c choice, journalPath string, keep bool) (*drilling, error) {
	s.stops.Begin()
	governor.Prepare(c.spec)
	agent, err := s.findAgent(c.on)
	if err != nil {
		return nil, err
	}
	s.stay = s.stay || keep
	log, closeLog, err := s.logger()
	if err != nil {
		return nil, err
	}
	makeFleet, err := s.makeFleet(c.on, c.spec, agent.Path, log)
	if err != nil {
		closeLog()
		return nil, err
	}
	if journalPath == "" {
		if journalPath, err = s.newJournalPath(c); err != nil {
			closeLog()
			return nil, err
		}
	}
	var ops io.WriteCloser // the engine closes it
	if s.history != "" {
		if ops, err = history.Create(s.history); err != nil {
			closeLog()
			return nil, err
		}
	}
	w, err := journal.Create(journalPath)
	if err != nil {
		closeLog()
		if ops != nil { // nothing is in it
			err = errors.Join(err, ops.Close(), os.Remove(s.history))
		}
		return nil, err
	}
	state, err := s.state()
	if err != nil {
		closeLog()
		return nil, errors.Join(err, w.Close())
	}
	d := &drilling{journal: w, path: journalPath, found: s.found(c.on, c.spec.Name), took: last.File(state, c.on, c.spec.Name), closers: []func(){closeLog}}
	d.engine, err = engine.New(engine.Config{
		Spec: c.spec, Plan: c.plan, On: c.on, Make: makeFleet, Journal: w, History: ops,
		Seed: s.seed, Version: version, Now: time.Now, Logger: log, Keep: keep || d.found,
		Host:    &drill.Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Release: machine.Release(), Processors: runtime.GOMAXPROCS(0), Memory: machine.Memory()},
		Machine: capacity.Limits{Processors: runtime.GOMAXPROCS(0), Files: machine.Files()},
		Keys:    identityKeys(state, c.spec.Name),
		Exports: past.Exports(journalPath), Repository: past.Repository(journalPath), Took: last.Known(d.took, d.found),
		Control: func() (net.Listener, error) { return control.Listen(record.Folder(state, c.spec.Name)) },
	})
	if err != nil {
		d.close()
		return nil, err
	}
	d.fed = s.feeds.Follow(d.engine)
	return d, nil
}

// identityKeys is the folder of the keys of a fleet's certificate authorities.
func identityKeys(state, fleet string) string {
	return filepath.Join(record.Folder(state, fleet), "identity")
}

// found reports whether a fleet is there already that somebody left on purpose: a drill
// that joins it must not take it away. What a killed program left is nobody's wish.
func (s *settings) found(on, name string) bool {
	state, err := s.state()
	if err != nil {
		return false
	}
	records, _ := record.List(state)
	return slices.ContainsFunc(records, func(r record.Record) bool { return r.Fleet.Name == name && r.On == on && r.Stays })
}

// run drills to the end and closes the journal.
func (d *drilling) run(ctx context.Context) (drill.Verdict, error) {
	verdict, err := d.engine.Run(ctx)
	d.fed()
	d.engine.View(func(s *drill.State) { _ = last.Keep(d.took, s, d.found) }) // else the next drill has no estimates
	return verdict, errors.Join(err, d.close())
}

func (d *drilling) close() error {
	err := d.journal.Close()
	for _, c := range d.closers {
		c()
	}
	return err
}

// newJournalPath names a journal by when and what was drilled. Journals are the
// operator's, so `down` leaves them alone.
func (s *settings) newJournalPath(c choice) (string, error) {
	dir, err := s.past().Dir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the journals' folder: %w", err)
	}
	name := c.spec.Name
	if c.plan != nil {
		name = c.plan.Name
	}
	return filepath.Join(dir, time.Now().UTC().Format("20060102-150405.000")+"-"+name+".jsonl"), nil
}
