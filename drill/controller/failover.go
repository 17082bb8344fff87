package controller

import (
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/acks"
	"github.com/fleetdrill/fleetdrill/drill/controller/cause"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/round"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// attempt is how far one try of a failover is.
type attempt int

const (
	idle       attempt = iota // taken up again at the next tick, or by an operator
	numbering                 // its number is on its way
	checking                  // whether an operator's choice is certain
	asking                    // what the candidates have
	inspecting                // how ready they are, which takes no time
	fencing                   // until the old authority acknowledges nothing more
	settling                  // the candidates are fenced, and at their last position
	promoting
)

// failover is one unplanned move of an authority, stage by stage.
type failover struct {
	id      int
	number  uint64 // the step that numbers it
	from    string
	fault   int    // the number of the fault that caused it, 0 where none of this drill did
	epoch   uint64 // to promote in
	began   time.Duration
	lost    loss
	chosen  string // by an operator: "" means the most advanced
	decided bool   // the stage decide has ended
	asked   bool   // an operator has decided
	forced  bool   // by an operator who accepts that writes may be lost
	blocked string // why nobody can take over, as it was said last
	missing string // the same of the last try; "" where it broke otherwise

	inspect uint64                  // the step that asks how ready the regions are
	answers map[string]store.Status // of the candidates, while that is asked
	targets []preflight.Target      // how ready they were when it was asked last

	at     attempt
	round  round.Round
	fence  uint64        // the step that fences the old authority
	held   *store.Status // what that had, fenced in this epoch; nil where it gave no answer
	choice *choice       // a command that waits for what comes of it
}

// choice is a promote or force command. One that comes while a try is under way begins
// once that is over.
type choice struct {
	number  uint64
	command runbook.Command
	begun   bool
	before  struct {
		asked  bool
		chosen string
	}
}

// loss says that a region which leads can't serve.
type loss struct {
	region string
	at     time.Duration
	why    string
	// since is when it began, where that is known better than by its last answer; stalls says
	// that the region lives and its store takes no writes, own that it says so itself.
	since       time.Duration
	stalls, own bool
}

func stage(d *decision, f *failover, s drill.Stage, end time.Duration, to, detail string) {
	d.emit(f.staged(d, s, end, to, detail))
}

func (f *failover) staged(d *decision, s drill.Stage, end time.Duration, to, detail string) drill.FailoverStaged {
	return drill.FailoverStaged{
		ID: f.id, Dataset: d.name(), From: f.from, To: to, Cause: "fault", Fault: f.fault, Epoch: f.epoch,
		Stage: s, End: end, Detail: detail,
	}
}

// promoted is the stage of a promotion that is over, with what its store was made from.
func (f *failover) promoted(d *decision, p promotion) drill.FailoverStaged {
	staged := f.staged(d, drill.StagePromote, d.now, p.to, "")
	if p.made != nil {
		staged.Restored = &drill.Restored{Age: p.made.Age, Bytes: p.made.Bytes, Writes: p.made.Entries, Took: p.made.Took}
	}
	return staged
}

// lose opens a failover: the region that leads can't serve.
func lose(d *decision, l loss) {
	m := &d.m
	if m.bringUp != nil || l.region != m.lead || m.failover != nil || m.ending {
		return
	}
	if s := m.switchover; s != nil && s.leg != toNumber && s.leg != toPrepare && s.leg != toReroute {
		return // writes are blocked already: it goes on without this region, or a failover follows it
	}
	stopRenewing(d)
	dropMode(d, fmt.Errorf("%s was lost", l.region), false)
	breakOff(d, fmt.Errorf("%s was lost: %s", l.region, l.why))
	r := m.of(l.region)
	f := &failover{from: l.region, lost: l, at: numbering}
	because := cause.Of(r.condition, cause.Loss{At: l.at, Known: r.known, Heard: r.heardAt, Since: l.since, Own: l.own}, m.rules.answerLimit())
	f.fault, f.began = because.Fault, because.Began
	if because.Remark != "" {
		f.lost.why += "; " + because.Remark
	}
	f.epoch = d.nextEpoch()
	f.number = d.ask(exchange.Step{Kind: exchange.StepNumber})
	m.failover = f
}

// opened has the failover's number.
func opened(d *decision, o exchange.Done) bool {
	f := d.m.failover
	if f == nil || f.at != numbering || o.Step.ID != f.number {
		return false
	}
	f.id, f.at = o.Number, idle
	stage(d, f, drill.StageFault, f.began, "", "")
	stage(d, f, drill.StageDetect, f.lost.at, "", f.lost.why)
	goAway(d, d.m.of(f.from))
	advance(d)
	return true
}

// candidates are the regions that may take over: those that users can reach and whose
// writes get through. The old authority may be one of them: it is promoted only after its
// lease, and where its store was given up only after nobody else could be.
func candidates(m *Memory) (regions []string) {
	for i := range m.replicas {
		r := &m.replicas[i]
		if f := m.failover; f != nil && f.lost.stalls && f.from == r.region {
			continue
		}
		if r.up && !m.stalls(r) {
			regions = append(regions, r.region)
		}
	}
	return regions
}

// advance takes up an open failover that is idle.
func advance(d *decision) {
	f := d.m.failover
	if f == nil || f.at != idle || d.m.ending {
		return
	}
	if o := f.choice; o != nil && !o.begun {
		begin(d, f)
		return
	}
	if d.m.rules.Policy.ByOperator() && !f.asked {
		return
	}
	if f.decided {
		settle(d, f)
		return
	}
	f.at = asking
	f.round = d.askAll(candidates(&d.m), exchange.Step{Kind: exchange.StepStatus, Limit: AskLimit})
	chosen(d, f)
}

// failing takes an answer in that an open failover waits for.
func failing(d *decision, o exchange.Done) bool {
	f := d.m.failover
	if f == nil {
		return false
	}
	if f.at == fencing && o.Step.ID == f.fence {
		if o.Err == nil {
			f.held = &o.Status
			fenced(d, f, d.m.lead+" confirmed that it is fenced")
		}
		return true // else its lease is waited for
	}
	if f.at == inspecting && o.Step.ID == f.inspect {
		answers := f.answers
		f.at, f.answers, f.targets = asking, nil, o.Targets
		settled(d, f, answers)
		return true
	}
	answered, ours := f.round.With(o.Step.ID, o.Status, o.Err)
	if ours {
		f.round = answered
		chosen(d, f)
	}
	return ours
}

// chosen goes on once a round is over.
func chosen(d *decision, f *failover) {
	if !f.round.Over() {
		return
	}
	answers, _ := f.round.Answers()
	f.round = nil
	switch f.at {
	case checking:
		checked(d, f, answers)
		return
	case asking:
		// Who is slow to answer is known by its last answer: what it has is settled later.
		for _, region := range candidates(&d.m) {
			if _, answered := answers[region]; !answered && d.m.of(region).fresh(d.now) {
				answers[region] = d.m.of(region).status
			}
		}
	case settling:
		// Only now, with the old authority silent, are the replicas at their last position, and
		// fenced ones stay there: the old authority too, so what it said when it was fenced counts.
		if _, answered := answers[d.m.lead]; !answered && f.held != nil && d.m.up(d.m.lead) {
			answers[d.m.lead] = *f.held
		}
	}
	if f.at == asking {
		f.at, f.answers = inspecting, answers
		f.inspect = d.ask(exchange.Step{Kind: exchange.StepPreflight})
		return
	}
	settled(d, f, answers)
}

// settled goes on with who may be promoted, of those that answered, at the decision or once all are fenced.
func settled(d *decision, f *failover, answers map[string]store.Status) {
	to, passed, missing := d.m.choose(f, answers)
	if f.at == asking && (to != "" || len(passed) > 0 && f.blocked != missing) {
		defer func(f failover) { tellReadiness(d, f, to, passed) }(*f)
	}
	switch {
	case to == "":
		block(d, f, missing, "or force one to lead, which may lose confirmed writes")
	case f.at == asking:
		f.decided = true
		stage(d, f, drill.StageDecide, d.now, to, fmt.Sprintf("%s, at position %s", to, format.Count(answers[to].Position)))
		awaitFence(d, f)
	default:
		f.at = promoting
		promote(d, promotion{purpose: forFailover, to: to, epoch: f.epoch, next: d.m.next(d.now, to, f.forced), forced: f.forced})
	}
}

// awaitFence waits until the old authority can't acknowledge writes any more:
// it said so itself, or its last lease has certainly run out.
func awaitFence(d *decision, f *failover) {
	if !d.m.rules.Policy.Fence {
		fenced(d, f, "fencing is off: the old leader may still take writes")
		return
	}
	f.at, f.held = fencing, nil
	// Whoever was granted a lease last: the old authority, or a candidate whose
	// promotion broke half way.
	f.fence = d.ask(exchange.Step{Kind: exchange.StepFence, Region: d.m.lead, Epoch: f.epoch, Limit: max(d.m.leaseOver()-d.now, time.Millisecond)})
}

// leaseRun ends the wait for a lease.
func leaseRun(d *decision) {
	f := d.m.failover
	if f != nil && f.at == fencing && (d.now >= d.m.leaseOver() || d.m.rules.breach.leaseWait) {
		fenced(d, f, "lease over")
	}
}

func fenced(d *decision, f *failover, detail string) {
	stage(d, f, drill.StageFence, d.now, "", detail)
	settle(d, f)
}

// settle fences every region that may take over. One that users can reach is waited for,
// longer than for a mere question: a replica that is passed over because its disk was slow
// may be the only one with writes that async has acknowledged.
func settle(d *decision, f *failover) {
	f.at = settling
	f.round = d.askAll(candidates(&d.m), exchange.Step{Kind: exchange.StepFence, Epoch: f.epoch, Limit: d.m.rules.StepLimit})
	chosen(d, f)
}

// block ends a try: nobody can take over. The reason is an event when it is news.
func block(d *decision, f *failover, missing, otherwise string) {
	f.missing = missing
	if f.blocked != missing {
		f.blocked = missing
		d.emit(drill.FailoverBlocked{
			ID: f.id, Dataset: d.name(), Reason: missing,
			Next: fmt.Sprintf("restore one of %v, %s", d.m.rules.Dataset.Regions, otherwise),
		})
	}
	f.at = idle
	f.lost.stalls = false // nobody else can: it may be asked itself, if it comes back
	unanswered(d, f)
}

// failedOver closes the failover: the new authority holds a lease.
func failedOver(d *decision, p promotion) {
	f := *d.m.failover
	d.emit(f.promoted(d, p))
	d.m.failover = nil
	d.m.awaited = added(d.m.awaited, awaited{epoch: f.epoch, failover: &f, held: d.now})
	if o := f.choice; o != nil {
		answerChoice(d, *o, p.to)
	}
	if r := d.m.of(p.to); !r.up { // it went down with its lease's answer on the way
		lose(d, loss{region: p.to, at: d.now, why: r.judged.Why})
	}
}

// notFailedOver ends a try whose promotion broke. The region may hold a lease all the
// same, so the next try decides and fences anew, in a fresh epoch.
func notFailedOver(d *decision, p promotion, err error) {
	f := d.m.failover
	f.epoch, f.decided, f.missing, f.held = d.nextEpoch(), false, "", nil
	if errors.Is(err, store.ErrSeeding) {
		block(d, f, p.to+" refuses to lead: "+err.Error(), "or wait until it is whole: until then it can't be forced either")
		return
	}
	f.at = idle
	unanswered(d, f)
}

// awaited is what waits for the first write that is acknowledged in an epoch or a later
// one: a move that was itself overtaken by another ends with the other's first write.
type awaited struct {
	epoch    uint64
	first    bool      // the dataset's first authority
	failover *failover // never changed from here on
	held     time.Duration
}

// rerouted ends what waited for the first write of its epoch.
func rerouted(d *decision, list []acks.Epoch) {
	var left []awaited
	for _, w := range d.m.awaited {
		got := -1
		for i, a := range list {
			if a.Epoch >= w.epoch && (got < 0 || a.First < list[got].First) {
				got = i
			}
		}
		switch {
		case got < 0:
			left = append(left, w)
		case w.first:
			d.emit(drill.AuthorityTook{Dataset: d.name(), Region: list[got].Region, Epoch: w.epoch, At: list[got].First})
		default:
			// The acknowledgement and the lease's answer race home; the lease was first.
			stage(d, w.failover, drill.StageReroute, max(list[got].First, w.held), list[got].Region, "")
			audit(d, list[got].Region, exchange.Occasion{Why: fmt.Sprintf("failover %d", w.failover.id), Failover: w.failover.id})
		}
	}
	d.m.awaited = left
}

// AuditLimit bounds one reading of a replica's whole contents.
const AuditLimit = time.Minute

// audit holds the ledger against a region's contents.
func audit(d *decision, region string, o exchange.Occasion) {
	d.ask(exchange.Step{Kind: exchange.StepAudit, Region: region, Occasion: o, Limit: AuditLimit})
}

// Audited is what came of a check of the ledger, as an event.
func Audited(dataset string, o exchange.Done) drill.Body {
	if o.Err != nil {
		return drill.TaskFailed{
			Task:  fmt.Sprintf("check the ledger of %s against %s (%s)", dataset, o.Step.Region, o.Step.Occasion.Why),
			Error: o.Err.Error(), Next: "lost writes are unknown until a later check",
		}
	}
	o.Checked.Move = o.Step.Occasion.Move
	return o.Checked
}
