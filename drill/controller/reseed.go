package controller

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// reseed is a replica that loses its disk and copies everything anew.
type reseed struct {
	number uint64
	step   uint64
	region string
	lead   string // that it copies from
	bytes  int64  // that it held
}

func beginReseed(d *decision, number uint64, c runbook.Command) {
	r := &reseed{number: number, region: c.Region, lead: d.m.lead, bytes: d.m.of(c.Region).status.Bytes}
	r.step = d.ask(exchange.Step{Kind: exchange.StepReseed, Region: c.Region, Beside: r.lead, Limit: store.PreloadLimit(d.m.rules.Dataset)})
	d.m.reseed = r
}

// reseeded takes the result in.
func reseeded(d *decision, o exchange.Done) bool {
	r := d.m.reseed
	if r == nil || o.Step.ID != r.step {
		return false
	}
	endReseed(d, o.Err)
	return true
}

// endReseed answers the command; a replica that did drop its data counts what it copies
// from here.
func endReseed(d *decision, err error) {
	r := *d.m.reseed
	d.m.reseed = nil
	if err != nil {
		d.answer(r.number, exchange.Outcome{Err: err, Next: "look at the replica with `fleetdrill status`"})
		return
	}
	held := d.m.of(r.region)
	goAway(d, held)
	held.outage.copied = 0
	d.answer(r.number, exchange.Outcome{Proof: fmt.Sprintf("%s dropped %s of %s and copies them from %s", r.region, format.Bytes(r.bytes), d.name(), r.lead)})
}
