// Package tracer looks for writes of a person's own words in every replica, by id and by
// contents, and in what returning replicas cut, and tells when the answer is another one.
package tracer

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	// Every is how often a write is looked for that may move: often enough that a person
	// sees it arrive at a follower.
	Every = 500 * time.Millisecond
	// settledEvery is how often one is looked for that every replica holds, so that twenty
	// of them cost no more than thirty small requests a second in a fleet of three regions.
	settledEvery = 2 * time.Second
	// answerWithin is how long a region may take to answer: as long as most users wait for
	// a write, so that what is slow to them is not yet silent here.
	answerWithin = time.Second
	// mostFollowed is how many writes are looked for all the time; older ones are looked for
	// at the end.
	mostFollowed = 20
)

// Replica looks a write up in one region's own replica; *wire.Client is one.
type Replica interface {
	Lookup(ctx context.Context, dataset, id string, leading bool) (wire.Found, error)
}

// Bus is where events go, and what they have come to. A function given to View only reads.
type Bus interface {
	Emit(drill.Body) drill.Event
	View(func(*drill.State))
}

// Clock is the engine's.
type Clock interface {
	Now() time.Duration
	Ticker(time.Duration) (<-chan time.Time, func())
}

// Config is what a tracer is made of.
type Config struct {
	Fleet   topology.Fleet
	Clock   Clock
	Bus     Bus
	Replica func(region string) Replica
	// Leader is a dataset's authority now and its epoch; "" while it has none.
	Leader func(dataset string) (region string, epoch uint64)
}

// Tracer follows writes. Make it with New, run it once with Run; its methods may be called
// from several goroutines.
type Tracer struct {
	cfg Config

	mu   sync.Mutex               // held over a round, and guards what follows
	last map[string]time.Duration // when a write was looked for, by dataset and id
	read map[string]bool          // exports that were read
}

// New makes a tracer; nothing is asked yet.
func New(cfg Config) *Tracer {
	return &Tracer{cfg: cfg, last: map[string]time.Duration{}, read: map[string]bool{}}
}

// Run looks for writes until ctx ends.
func (t *Tracer) Run(ctx context.Context) {
	tick, stop := t.cfg.Clock.Ticker(Every)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			t.round(ctx, false)
		}
	}
}

// Look looks for every write now: the drill is about to be judged.
func (t *Tracer) Look(ctx context.Context) { t.round(ctx, true) }

// target is a write that is to be looked for, with what was last known of it.
type target struct {
	dataset, id, text string
	regions           []string
	lead              string
	epoch             uint64
	known             *fate.Trace
	exports           []string // of the dataset that may have it
}

// round looks for what is due, each region by itself so that one that is silent holds up
// nobody else.
func (t *Tracer) round(ctx context.Context, all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	due := t.due(all)
	if len(due) == 0 || ctx.Err() != nil {
		return
	}
	found := make([]map[string]fate.Copy, len(due))
	for i := range found {
		found[i] = map[string]fate.Copy{}
	}
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, region := range t.cfg.Fleet.RegionNames() {
		asked.Go(func() {
			silent := false
			for i, w := range due {
				if !slices.Contains(w.regions, region) {
					continue
				}
				c := fate.Copy{Region: region}
				if !silent {
					c = t.ask(ctx, region, w)
					silent = !c.Answered
				}
				mu.Lock()
				found[i][region] = c
				mu.Unlock()
			}
		})
	}
	asked.Wait()
	if ctx.Err() != nil {
		return // what was asked was broken off, not silent
	}
	for i, w := range due {
		t.last[w.dataset+"/"+w.id] = t.cfg.Clock.Now()
		traced := fate.Trace{Authority: w.lead, Epoch: w.epoch, Exported: t.exported(w)}
		for _, region := range w.regions {
			traced.Copies = append(traced.Copies, found[i][region])
		}
		if !same(w.known, &traced) {
			t.cfg.Bus.Emit(drill.WriteTraced{ID: w.id, Dataset: w.dataset, Trace: traced})
		}
	}
}

// due is what is to be looked for now. Who leads is asked before any replica is, so that what
// a replica answers is of this term or a later one.
func (t *Tracer) due(all bool) []target {
	leads := map[string]target{}
	for _, d := range t.cfg.Fleet.Datasets {
		lead, epoch := t.cfg.Leader(d.Name)
		leads[d.Name] = target{regions: d.Regions, lead: lead, epoch: epoch}
	}
	now := t.cfg.Clock.Now()
	var due []target
	t.cfg.Bus.View(func(s *drill.State) {
		for i, w := range s.Written {
			if w.Region == "" || w.Ended == nil {
				continue
			}
			d := leads[w.Dataset]
			at, was := t.last[w.Dataset+"/"+w.ID]
			moved := w.Trace == nil || w.Trace.Epoch != d.epoch || w.Trace.Authority != d.lead
			waits := was && !moved && settled(w) && now-at < settledEvery
			if !all && (waits || i < len(s.Written)-mostFollowed) {
				continue
			}
			d.dataset, d.id, d.text, d.known = w.Dataset, w.ID, w.Text, w.Trace
			for _, r := range s.Rejoins {
				if r.Dataset == w.Dataset && r.Done != nil && r.Done.Diverged > 0 && r.Done.Exported != "" {
					d.exports = append(d.exports, r.Done.Exported)
				}
			}
			due = append(due, d)
		}
	})
	return due
}

// settled reports whether every replica answered and holds a write.
func settled(w *fate.Write) bool {
	return w.Trace != nil && len(w.Trace.Silent()) == 0 && len(w.Trace.Holders()) == len(w.Trace.Copies)
}

func (t *Tracer) ask(ctx context.Context, region string, w target) fate.Copy {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	found, err := t.cfg.Replica(region).Lookup(ctx, w.dataset, w.id, false)
	if err != nil {
		return fate.Copy{Region: region}
	}
	return fate.Copy{Region: region, Answered: true, Held: found.Found, Altered: found.Found && !bytes.Equal(found.Payload, []byte(w.text))}
}

// exported is the file on this machine that keeps a write which a replica cut; "" for none. What
// is in a region's own folder can't be read from here.
func (t *Tracer) exported(w target) string {
	if w.known != nil && w.known.Exported != "" {
		return w.known.Exported
	}
	for _, path := range w.exports {
		for _, file := range files(path) {
			key := file + "/" + w.id
			if t.read[key] {
				continue
			}
			entries, has := 0, false
			err := diverged.Read(file, func(e store.Entry) error {
				entries, has = entries+1, has || e.ID == w.id
				return nil
			})
			if err != nil || entries == 0 { // it is being written: the next round reads it again
				continue
			}
			t.read[key] = true
			if has {
				return file
			}
		}
	}
	return ""
}

// Find is what every replica of a dataset has of a write now, by region. One that did not
// answer is not in it.
func (t *Tracer) Find(ctx context.Context, dataset, id string) map[string]wire.Found {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	found := map[string]wire.Found{}
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, d := range t.cfg.Fleet.Datasets {
		if d.Name != dataset {
			continue
		}
		for _, region := range d.Regions {
			asked.Go(func() {
				if f, err := t.cfg.Replica(region).Lookup(ctx, dataset, id, false); err == nil {
					mu.Lock()
					found[region] = f
					mu.Unlock()
				}
			})
		}
	}
	asked.Wait()
	return found
}

// same reports whether two answers say the same.
func same(a, b *fate.Trace) bool {
	return a != nil && a.Authority == b.Authority && a.Epoch == b.Epoch && a.Exported == b.Exported && slices.Equal(a.Copies, b.Copies)
}
