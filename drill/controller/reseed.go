package controller

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
)

// reseed is a replica that loses its disk and copies everything anew.
type reseed struct {
	number uint64
	step   uint64
	region string
	lead   string // that it copies from
	bytes  int64  // that it held
}

func refuseReseed(m *Memory, c drill.Command) Outcome {
	name := m.rules.Dataset.Name
	switch {
	case !m.holds(c.Region):
		return refuse(fmt.Sprintf("choose one of %v", m.rules.Dataset.Regions), fmt.Errorf("%s holds no replica of %s", c.Region, name))
	case m.failover != nil:
		return refuse("wait for the failover", fmt.Errorf("%s has no authority to copy from now", name))
	case c.Region == m.lead:
		return refuse("switch over first", fmt.Errorf("%s leads %s: every write that is nowhere else would be gone", m.lead, name))
	case m.switchover != nil:
		return refuse("wait until it is done", fmt.Errorf("switchover %s to %s is under way", name, m.switchover.done.To))
	case m.reseed != nil:
		return refuse("wait until it is done", fmt.Errorf("reseed %s in %s is under way", name, m.reseed.region))
	case !m.up(c.Region):
		return refuse("restore it first", fmt.Errorf("%s is down", c.Region))
	}
	if s := m.of(c.Region).status; s.AuthorityPosition == nil || s.Authority != m.lead {
		// Its own tail is compared, and exported, when it first hears from the authority.
		return refuse("wait until it copies from "+m.lead, fmt.Errorf("%s has not heard from %s yet: writes that it alone has would be gone", c.Region, m.lead))
	}
	return Outcome{}
}

func beginReseed(d *decision, number uint64, c drill.Command) {
	r := &reseed{number: number, region: c.Region, lead: d.m.lead, bytes: d.m.of(c.Region).status.Bytes}
	r.step = d.ask(Step{Kind: StepReseed, Region: c.Region, Beside: r.lead, Limit: PreloadLimit(d.m.rules.Dataset)})
	d.m.reseed = r
}

// reseeded takes the result in.
func reseeded(d *decision, o Done) bool {
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
		d.answer(r.number, Outcome{Err: err, Next: "look at the replica with `fleetdrill status`"})
		return
	}
	held := d.m.of(r.region)
	goAway(d, held)
	held.outage.copied = 0
	d.answer(r.number, Outcome{Proof: fmt.Sprintf("%s dropped %d bytes of %s and copies them from %s", r.region, r.bytes, d.name(), r.lead)})
}
