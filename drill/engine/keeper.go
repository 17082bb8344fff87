package engine

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// keeper is the failover controller of one dataset: it knows the authority and
// its epoch, renews the authority's lease, moves the authority when its region
// is lost or the operator asks, and brings replicas back to it. One goroutine
// (run) does all of that in turn, so two moves can't cross.
type keeper struct {
	*spine
	spec   drill.Dataset // as the file has it; the promise of now is in rule
	fleet  drill.Fleet
	policy drill.FailoverPolicy
	watch  *watch
	router reach
	ledger *ledger.Ledger
	ids    *bus.IDs
	log    *slog.Logger
	// exports is the folder that diverged writes are brought to; errands what is
	// under way for that.
	exports string
	errands sync.WaitGroup

	requests chan request
	lost     chan loss
	ending   chan chan struct{} // asks for what is told at intervals to be told now
	assumed  chan struct{}      // closed once there is a first authority

	// Owned by run's goroutine.
	open  *failover // a failover that is not over yet
	renew context.CancelFunc
	gone  map[string]*absence
	cut   map[string]store.Cut     // the last one of each region that is known of
	heard map[string]time.Duration // when each follower last heard from the authority
	runs  map[string]string        // the run of each region's store when it last answered
	// waitsFor is what writes were said to wait for; splits what was told of each
	// pair of authorities, by the newer one's epoch; loaded that the weight is there.
	waitsFor []string
	splits   map[uint64]*split
	loaded   bool

	mu        sync.Mutex
	rule      promise // what is promoted by
	ruleSince time.Duration
	switching *modeSwitch // written by run's goroutine alone
	began     uint64      // the position that the authority began its epoch with
	lastAck   struct {
		epoch uint64
		at    time.Duration
	}
	reigns    []reign
	beside    bool // an older authority had a write acknowledged after a newer one
	lead      string
	epoch     uint64
	used      uint64        // the highest epoch that any region may have been told
	leaseEnds time.Duration // when the last lease that may have been granted has run out
	waiting   []firstAck    // those who wait for the first write of an epoch
}

// reach tells which regions users can reach: the global router's verdicts.
type reach interface{ Up(region string) bool }

// request is a command of the operator about this dataset.
type request struct {
	command drill.Command
	reply   chan<- outcome
}

// outcome is what came of a command: its proof, or why not and what to do.
type outcome struct {
	proof   string
	err     error
	next    string
	refused bool
}

func refuse(next string, err error) outcome { return outcome{err: err, next: next, refused: true} }

// loss says that the authority's region can't serve.
type loss struct {
	region string
	at     time.Duration
	why    string
	judged bool // by the router, which may have changed its mind since
}

// firstAck is a wait for the first acknowledged write of an epoch or a later one:
// a move that was itself overtaken by another ends with the other's first write.
type firstAck struct {
	epoch uint64
	got   chan ack
}

// ack is an acknowledged write: by whom, and when on the engine's clock.
type ack struct {
	authority string
	at        time.Duration
}

func newKeeper(e *Engine, p *parts, spec drill.Dataset) *keeper {
	return &keeper{
		spine: &spine{e.bus}, spec: spec, fleet: e.cfg.Spec, rule: promise{Durability: spec.Durability()}, splits: map[uint64]*split{}, policy: e.cfg.Spec.Failover,
		watch: p.watch, router: p.router, ledger: p.ledger, ids: e.ids, log: e.log, exports: e.cfg.Exports,
		requests: make(chan request), lost: make(chan loss, 16), ending: make(chan chan struct{}), assumed: make(chan struct{}),
		gone: map[string]*absence{}, cut: map[string]store.Cut{}, heard: map[string]time.Duration{}, runs: map[string]string{},
	}
}

// keepEvery is how often a keeper looks after its replicas and takes up again
// what could not be done before.
const keepEvery = 250 * time.Millisecond

func (k *keeper) run(ctx context.Context) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	defer k.errands.Wait()
	defer k.stopRenewing()
	for k.assume(ctx) != nil {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	close(k.assumed)
	for {
		select {
		case <-ctx.Done():
			k.noteSplits(0)
			return
		case l := <-k.lost:
			k.lose(ctx, l)
		case r := <-k.requests:
			if r.command.Verb == drill.VerbMode {
				k.setMode(ctx, r.command, r.reply)
			} else {
				r.reply <- k.handle(ctx, r.command)
			}
		case told := <-k.ending:
			k.noteSplits(0)
			close(told)
		case <-tick.C:
			if k.open != nil {
				k.advance(ctx)
			} else {
				k.reconcile(ctx)
			}
			if k.switching != nil {
				k.advanceSwitch(ctx)
			}
			lead, epoch := k.leader()
			k.settle(lead, epoch)
			k.noteWaiting(lead)
			k.noteSplits(splitEvery)
		}
	}
}

// leader is the authority and its epoch; "" while there is none.
func (k *keeper) leader() (string, uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lead, k.epoch
}

// nextEpoch is one that nobody has been told of. An epoch that came to nothing is not
// used again: the request that told it may lie before a frozen process, and be taken
// by it later.
func (k *keeper) nextEpoch() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used = max(k.used, k.epoch) + 1
	return k.used
}

// report hands the keeper a loss; it never blocks for long, since the keeper
// ignores all but the first about its authority.
func (k *keeper) report(ctx context.Context, l loss) {
	select {
	case k.lost <- l:
	case <-ctx.Done():
	}
}

func (k *keeper) client(region string) *wire.Client { return k.watch.clients[region] }

// assume finds or makes the first authority: in a fleet that is new the one its
// file names, in one that is joined the most advanced replica. Every replica
// must answer and be fenced first, so no lease of a former controller is left.
func (k *keeper) assume(ctx context.Context) error {
	statuses, silent := k.ask(ctx, k.spec.Regions, func(ctx context.Context, c *wire.Client) (store.Status, error) {
		return c.StoreStatus(ctx, k.spec.Name)
	})
	if len(silent) > 0 {
		return errors.New("not every replica answers yet")
	}
	if err := k.preload(ctx); err != nil {
		k.emit(drill.TaskFailed{Task: "preload " + k.spec.Name, Error: err.Error(), Next: "it is tried again; a smaller weight needs less disk"})
		return err
	}
	if statuses, silent = k.ask(ctx, k.spec.Regions, func(ctx context.Context, c *wire.Client) (store.Status, error) {
		return c.StoreStatus(ctx, k.spec.Name)
	}); len(silent) > 0 {
		return errors.New("not every replica answers after the preload")
	}
	var epoch uint64
	for region, s := range statuses {
		epoch = max(epoch, s.Epoch, s.LastIn)
		if s.Cut != nil {
			k.cut[region] = *s.Cut // of a drill before this one
		}
	}
	k.mu.Lock()
	k.used = max(k.used, epoch)
	k.mu.Unlock()
	epoch = k.nextEpoch()
	fenced, silent := k.fenceAll(ctx, k.spec.Regions, epoch)
	if len(silent) > 0 {
		return errors.New("not every replica could be fenced yet")
	}
	to := mostAdvanced(whole(fenced), k.spec)
	if to == "" {
		return errors.New("no replica is whole yet")
	}
	first := k.awaitFirst(epoch)
	if _, err := k.promoteTo(ctx, to, epoch, k.after(k.spec.Authority, to, false)); err != nil {
		k.log.Warn("first authority", "dataset", k.spec.Name, "region", to, "epoch", epoch, "error", err)
		return err
	}
	go func() {
		select {
		case w := <-first:
			k.emit(drill.AuthorityTook{Dataset: k.spec.Name, Region: w.authority, Epoch: epoch, At: w.at})
		case <-ctx.Done():
		}
	}()
	return nil
}

// ask puts one question to several regions at once; silent lists those that
// gave no answer.
func (k *keeper) ask(ctx context.Context, regions []string, question func(context.Context, *wire.Client) (store.Status, error)) (answers map[string]store.Status, silent []string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	answers = map[string]store.Status{}
	for _, region := range regions {
		all.Go(func() {
			s, err := question(ctx, k.client(region))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				silent = append(silent, region)
				return
			}
			answers[region] = s
		})
	}
	all.Wait()
	return answers, silent
}

func (k *keeper) fenceAll(ctx context.Context, regions []string, epoch uint64) (map[string]store.Status, []string) {
	return k.ask(ctx, regions, func(ctx context.Context, c *wire.Client) (store.Status, error) {
		return c.Fence(ctx, k.spec.Name, epoch)
	})
}

// mostAdvanced is the replica with the newest last entry: the highest epoch
// first, then the highest position, since a longer log of an older epoch holds
// writes that a newer authority never had. Equals go by the operator's order: the
// one that the fleet file names as authority, then as it lists the regions.
func mostAdvanced(replicas map[string]store.Status, d drill.Dataset) string {
	best := ""
	for _, region := range append([]string{d.Authority}, d.Regions...) {
		s, answered := replicas[region]
		if !answered {
			continue
		}
		b := replicas[best]
		if best == "" || s.LastIn > b.LastIn || s.LastIn == b.LastIn && s.Position > b.Position {
			best = region
		}
	}
	return best
}

// promoteTo makes a region the authority: promote, its promise, first lease, then
// everybody is told and follows. It returns when the first lease was taken. The
// new promise is promoted by only once that lease was taken: until then nothing
// was acknowledged under it.
func (k *keeper) promoteTo(ctx context.Context, to string, epoch uint64, next promise) (time.Duration, error) {
	asking, cancel := k.whileUp(ctx, k.patience(), to)
	defer cancel()
	status, err := k.client(to).Promote(asking, k.spec.Name, epoch)
	if err != nil {
		return 0, because(asking, err)
	}
	k.mu.Lock()
	k.lead, k.epoch = to, epoch
	k.leaseEnds = k.now() + k.lease()
	k.began = status.Position
	k.mu.Unlock()
	clear(k.heard) // from whom they are to hear is another now
	config := k.spec
	config.Mode, config.With = next.Mode, next.With
	k.watch.place(wire.Placement{Dataset: config, Authority: to, Epoch: epoch})
	if err := k.watch.pushFor(asking, to, k.spec.Name); err != nil {
		return 0, because(asking, err)
	}
	status, err = k.client(to).Grant(asking, k.spec.Name, epoch, status.Clock, k.lease())
	if err != nil {
		return 0, because(asking, err)
	}
	held := k.now()
	k.startRenewing(ctx, to, epoch, status.Clock, held)
	k.adopt(to, next, held)
	for region := range k.watch.clients {
		go func() {
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			defer cancel()
			_, _ = k.watch.push(ctx, region) // else it is told when it next answers
		}()
		if region != to && k.holds(region) {
			go k.followNow(ctx, region, to, epoch)
		}
	}
	return held, nil
}

// adopt makes the promise of a new authority the one that is promoted by.
func (k *keeper) adopt(lead string, next promise, held time.Duration) {
	was := k.promise()
	k.mu.Lock()
	k.rule, k.ruleSince = next, held
	k.mu.Unlock()
	if was.Durability != next.Durability {
		k.emit(drill.ModeChanged{Dataset: k.spec.Name, Was: was.Durability, Now: next.Durability, By: "controller", Why: lead + " leads"})
	}
}

func (k *keeper) followNow(ctx context.Context, region, lead string, epoch uint64) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	// A region that does not answer now is told by reconcile once it does.
	if _, err := k.client(region).Follow(ctx, k.spec.Name, lead, epoch); err != nil {
		k.log.Info("follow", "dataset", k.spec.Name, "region", region, "authority", lead, "epoch", epoch, "error", err)
	}
}

// acked is told of every acknowledged write.
func (k *keeper) acked(authority string, epoch uint64, at time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if epoch >= k.lastAck.epoch {
		k.lastAck.epoch, k.lastAck.at = epoch, at
	}
	k.noteReign(authority, epoch, at)
	k.waiting = slices.DeleteFunc(k.waiting, func(w firstAck) bool {
		if epoch < w.epoch {
			return false
		}
		w.got <- ack{authority: authority, at: at}
		return true
	})
}

// awaitFirst returns a channel that gets the first acknowledgement in the epoch
// or a later one.
func (k *keeper) awaitFirst(epoch uint64) <-chan ack {
	k.mu.Lock()
	defer k.mu.Unlock()
	w := firstAck{epoch: epoch, got: make(chan ack, 1)}
	k.waiting = append(k.waiting, w)
	return w.got
}
