package controller

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/role"
)

// acknowledged takes the acknowledgements since the last one in.
func acknowledged(d *decision, o exchange.Acked) {
	m := &d.m
	for _, a := range o.Epochs {
		if a.Epoch >= m.lastAck.epoch {
			m.lastAck.epoch, m.lastAck.at = a.Epoch, a.Last
		}
		m.terms = m.terms.Add(splitbrain.Term{Region: a.Region, Epoch: a.Epoch, First: a.First})
	}
	m.terms.Overlap = m.terms.Overlap || o.Overlap
	rerouted(d, o.Epochs)
	if s := m.switchover; s != nil && s.leg == toReroute {
		for _, a := range o.Epochs {
			if a.Epoch >= s.done.Epoch {
				over(d, a.First)
				break
			}
		}
	}
}

// readTails asks the ledger for writes that two authorities acknowledged at once.
func readTails(d *decision) {
	m := &d.m
	switch {
	case m.tailsStep != 0:
	case m.terms.Overlap:
		m.tailsStep = d.ask(exchange.Step{Kind: exchange.StepTails, Terms: m.terms.Terms})
	default:
		flushed(d)
	}
}

// tailsRead reports what no event had before.
func tailsRead(d *decision, o exchange.Done) bool {
	m := &d.m
	if m.tailsStep == 0 || o.Step.ID != m.tailsStep {
		return false
	}
	m.tailsStep = 0
	every := splitbrain.Every
	if len(m.flush) > 0 || m.ending {
		every = 0
	}
	var events []drill.SplitBrain
	m.terms, events = m.terms.Report(d.now, every, d.name(), o.Step.Terms, o.Tails, d.follows)
	for _, b := range events {
		d.emit(b)
	}
	flushed(d)
	return true
}

// follows says whether a region was heard to follow, so that it takes no writes.
func (d *decision) follows(region string) bool {
	r := d.m.of(region)
	return region == d.m.lead || r != nil && r.fresh(d.now) && r.status.Role == role.Follower
}

// flushed answers those who wait until everything was told.
func flushed(d *decision) {
	for _, number := range d.m.flush {
		d.do(exchange.Step{Kind: exchange.StepFlushed, Command: number})
	}
	d.m.flush = nil
}
