package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

const (
	// watchEvery is how often each region's agent is asked for its status. Five
	// times a second keeps writes at risk and lag fresh at a cost of one small
	// request each.
	watchEvery = 200 * time.Millisecond
	// askTimeout bounds one question to an agent over the control link, which has
	// no distance: an agent that takes longer is taken for silent.
	askTimeout = 500 * time.Millisecond
	// actTimeout bounds one step of a move (fence, promote, first lease) at a region
	// that is known to answer: its disk may be slow, and to give up costs more.
	actTimeout = 2 * time.Second
	// fresh is how old an answer may be to count as known.
	fresh = time.Second
)

// watch asks every region's agent for its status, keeps the last answer of
// each, and hands the topology to an agent that holds an old one or none (it
// has just started).
type watch struct {
	clients map[string]*wire.Client
	now     func() time.Duration
	peers   func(region, dataset string) map[string]string
	// jurisdictions are the regions' own.
	jurisdictions map[string]string

	mu      sync.Mutex
	version uint64
	places  []wire.Placement
	seen    map[string]contact
}

// contact is a region's last answer, and when it came on the engine's clock.
type contact struct {
	status wire.RegionStatus
	at     time.Duration
	sent   time.Duration // when it was asked
}

// newWatch makes a watch whose topologies are numbered from first on. A joined
// fleet holds the topology of a controller that is gone, so first must differ
// from process to process.
func newWatch(clients map[string]*wire.Client, now func() time.Duration, peers func(region, dataset string) map[string]string, jurisdictions map[string]string, first uint64) *watch {
	return &watch{clients: clients, now: now, peers: peers, jurisdictions: jurisdictions, version: first, seen: map[string]contact{}}
}

func (w *watch) run(ctx context.Context) {
	var all sync.WaitGroup
	for region := range w.clients {
		all.Go(func() {
			tick := time.NewTicker(watchEvery)
			defer tick.Stop()
			for {
				w.ask(ctx, region)
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	all.Wait()
}

// ask asks one region now.
func (w *watch) ask(ctx context.Context, region string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	sent := w.now()
	status, err := w.clients[region].Status(ctx)
	if err != nil {
		return
	}
	w.keep(region, status, sent)
	if status.Topology != w.topology(region).Version {
		_, _ = w.push(ctx, region) // else it is told when it next answers
	}
}

func (w *watch) keep(region string, status wire.RegionStatus, sent time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Answers of concurrent questions may come out of order.
	if sent >= w.seen[region].sent {
		w.seen[region] = contact{status: status, at: w.now(), sent: sent}
	}
}

// push hands the region the topology as it is now. The answer says which datasets
// could not be placed.
func (w *watch) push(ctx context.Context, region string) (wire.RegionStatus, error) {
	sent := w.now()
	status, err := w.clients[region].PutTopology(ctx, w.topology(region))
	if err == nil {
		w.keep(region, status, sent)
	}
	return status, err
}

// pushFor is push for the sake of one dataset, which must have its place: another
// that has not is none of its business.
func (w *watch) pushFor(ctx context.Context, region, dataset string) error {
	status, err := w.push(ctx, region)
	if why := status.Unplaced[dataset]; err == nil && why != "" {
		err = fmt.Errorf("place %s in %s: %s", dataset, region, why)
	}
	return err
}

func (w *watch) topology(region string) wire.Topology {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := wire.Topology{
		Version: w.version, Region: region, Peers: w.peers(region, ""),
		Datasets: append([]wire.Placement(nil), w.places...), Jurisdictions: w.jurisdictions,
	}
	for i := range t.Datasets {
		t.Datasets[i].Peers = w.peers(region, t.Datasets[i].Dataset.Name)
	}
	return t
}

// place sets who is the authority of a dataset. Regions are told by push, or at
// the latest when they are next asked.
func (w *watch) place(p wire.Placement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	for i := range w.places {
		if w.places[i].Dataset.Name == p.Dataset.Name {
			w.places[i] = p
			return
		}
	}
	w.places = append(w.places, p)
}

// replica is the last known status of a region's replica and when it was
// received; false while it has never answered.
func (w *watch) replica(region, dataset string) (store.Status, time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.seen[region]
	if !ok {
		return store.Status{}, 0, false
	}
	for _, s := range c.status.Stores {
		if s.Dataset == dataset {
			return s, c.at, true
		}
	}
	return store.Status{}, 0, false
}

// has reports whether the region holds the topology of now.
func (w *watch) has(region string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.seen[region]
	return ok && c.status.Topology == w.version
}

// samples is every replica of every dataset as last heard, and the writes at
// risk of those whose authority answered within fresh.
func (w *watch) samples(spec drill.Fleet, authority func(dataset string) string, prior map[string]drill.StoreSample, since time.Duration) drill.StoresSampled {
	out := drill.StoresSampled{AtRisk: map[string]uint64{}}
	now := w.now()
	for _, d := range spec.Datasets {
		lead, leadAt, leadKnown := w.replica(authority(d.Name), d.Name)
		leadKnown = leadKnown && authority(d.Name) != "" && now-leadAt < fresh
		for _, region := range d.Regions {
			s, at, known := w.replica(region, d.Name)
			if !known {
				continue
			}
			sample := drill.StoreSample{
				Dataset: d.Name, Region: region, Role: s.Role, Epoch: s.Epoch, Position: s.Position,
				Entries: s.Entries, Bytes: s.Bytes, Contact: at, Stale: now-at >= fresh,
				Seeding: s.Seeding, Waiting: s.Waiting, WaitingFor: s.WaitingFor, Error: s.Error,
			}
			p, ok := prior[d.Name+"/"+region]
			if s.Unread {
				if ok { // what it held when that was last known
					p.Stale, p.Error = true, s.Error
					out.Stores = append(out.Stores, p)
				}
				continue
			}
			if ok && since > 0 && s.Bytes > p.Bytes {
				sample.Rate = float64(s.Bytes-p.Bytes) / since.Seconds()
			}
			if leadKnown {
				owed := max(0, lead.Bytes-s.Bytes)
				sample.OwedBytes = &owed
				if !sample.Stale {
					lag := lead.Entries - min(lead.Entries, s.Entries)
					sample.LagWrites = &lag
				}
			}
			out.Stores = append(out.Stores, sample)
		}
		if leadKnown && lead.Role == drill.RoleAuthority && lead.AtRisk != nil {
			out.AtRisk[d.Name] = *lead.AtRisk
		}
	}
	return out
}
