package controller

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/round"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// bringUp finds or makes the first authority: in a fleet that is new the one its file names, in one that is joined the
// most advanced replica. Every replica must answer and be fenced first, so no lease of a former controller is left.
type bringUp struct {
	asked  round.Round
	again  bool // once that is over
	loaded bool
	epoch  uint64
}

// tryBringUp asks every replica what it has: at each tick, and as soon as one is first heard, since one that was not may
// not have its place yet. What comes while they are asked has them asked again where one of them has no answer.
func tryBringUp(d *decision) {
	if b := d.m.bringUp; b != nil && d.m.promotion == nil && !d.m.ending {
		if b.again = b.asked != nil; !b.again {
			b.asked = d.askAll(d.m.rules.Dataset.Regions, exchange.Step{Kind: exchange.StepStatus, Limit: AskLimit})
		}
	}
}

// bringingUp takes an answer in: status, then the preload, status again, then fence.
func bringingUp(d *decision, o exchange.Done) bool {
	b := d.m.bringUp
	if b == nil {
		return false
	}
	asked, ours := b.asked.With(o.Step.ID, o.Status, o.Err)
	if !ours {
		return false
	}
	b.asked = asked
	if o.Step.Kind == exchange.StepPreload {
		preloaded(d, o)
	}
	if !asked.Over() {
		return true
	}
	answers, silent := asked.Answers()
	spec := d.m.rules.Dataset
	switch {
	case silent:
		b.asked = nil
		if o.Step.Kind == exchange.StepPreload {
			d.emit(drill.TaskFailed{Task: "preload " + spec.Name, Error: asked.Failure().Error(), Next: "it is tried again; a smaller weight needs less disk"})
		}
		if b.again {
			tryBringUp(d)
		}
	case o.Step.Kind == exchange.StepStatus && spec.Weight > 0 && !b.loaded:
		preload(d)
	case o.Step.Kind == exchange.StepPreload:
		b.loaded = true
		b.asked = d.askAll(spec.Regions, exchange.Step{Kind: exchange.StepStatus, Limit: AskLimit})
	case o.Step.Kind == exchange.StepStatus:
		for i := range d.m.replicas {
			r := &d.m.replicas[i]
			s := answers[r.region]
			d.m.used = max(d.m.used, s.Epoch, s.LastIn)
			r.cut = s.Cut // of a drill before this one
		}
		b.epoch = d.nextEpoch()
		b.asked = d.askAll(spec.Regions, exchange.Step{Kind: exchange.StepFence, Epoch: b.epoch, Limit: AskLimit})
	default:
		b.asked = nil
		if to := d.m.question().MostAdvanced(answers); to != "" {
			next := d.m.next(d.now, to, false)
			promote(d, promotion{purpose: forBringUp, to: to, epoch: b.epoch, next: next})
		}
	}
	return true
}

// preload fills new replicas with the dataset's weight, all at once, and shows
// how far each is.
func preload(d *decision) {
	b, spec := d.m.bringUp, d.m.rules.Dataset
	b.asked = nil
	for _, region := range spec.Regions {
		d.emit(drill.StageEntered{Region: region, Stage: "preload " + spec.Name, Of: 1, Status: drill.StageRunning, Detail: format.Bytes(spec.Weight)})
		b.asked = b.asked.Join(d.askAll([]string{region}, exchange.Step{Kind: exchange.StepPreload, Lead: region == spec.Authority, Limit: store.PreloadLimit(spec)}))
	}
}

func preloaded(d *decision, o exchange.Done) {
	stage := drill.StageEntered{Region: o.Step.Region, Stage: "preload " + d.name(), Of: 1, Status: drill.StageDone, Detail: format.Bytes(o.Status.Bytes) + " held"}
	if o.Err != nil {
		stage.Status, stage.Detail = drill.StageFailed, o.Err.Error()
	}
	d.emit(stage)
}

// broughtUp has its first authority. One that went down meanwhile is lost now.
func broughtUp(d *decision, p promotion) {
	d.m.bringUp = nil
	d.m.awaited = added(d.m.awaited, awaited{epoch: p.epoch, first: true})
	if r := d.m.of(p.to); r.judged.Region != "" && !r.up {
		lose(d, loss{region: p.to, at: r.judged.At, why: r.judged.Why})
	}
}
