package engine

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

type ackedWrite struct {
	id, by string
	epoch  uint64
}

// acked is every acknowledged write by the epochs' order.
func (l *dataLab) acked() []ackedWrite {
	var out []ackedWrite
	_, last := l.engine.parts.data.controllers[dataset].Leader()
	for epoch := uint64(1); epoch <= last; epoch++ {
		for _, w := range l.engine.parts.ledger.Acknowledged(dataset, epoch, 0) {
			out = append(out, ackedWrite{id: w.ID, by: w.By, epoch: epoch})
		}
	}
	return out
}

type held struct {
	epoch    uint64
	contents [32]byte
}

func (l *dataLab) contents(region string) map[string]held {
	l.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out := map[string]held{}
	err := l.engine.parts.clients[region].Audit(ctx, dataset, 0, func(e store.Entry) error {
		if _, twice := out[e.ID]; twice {
			l.Wrong("%s has id %s twice", region, e.ID)
		}
		out[e.ID] = held{epoch: e.Epoch, contents: sha256.Sum256(e.Payload)}
		return nil
	})
	if err != nil {
		l.Fatalf("read %s: %v\n%s", region, err, l.told())
	}
	return out
}

// equal waits until every replica has what the authority has now, then compares
// their whole contents, write by write: what the authority had before is in each,
// and nothing is in any that the authority has not got.
func (l *dataLab) equal() {
	l.Helper()
	control := l.engine.parts.data.controllers[dataset]
	var before map[string]held
	var lead string
	var epoch uint64
	limit := time.Now().Add(60 * time.Second)
	for {
		lead, epoch = control.Leader()
		before = l.contents(lead)
		status, err := l.engine.parts.clients[lead].StoreStatus(context.Background(), dataset)
		if err == nil && l.caughtUp(lead, epoch, status) {
			break
		}
		if time.Now().After(limit) {
			l.Fatalf("the replicas are not current within a minute: %v\n%s", err, l.told())
		}
	}
	copies := map[string]map[string]held{}
	for _, region := range l.spec.Datasets[0].Regions {
		if region != lead {
			copies[region] = l.contents(region)
		}
	}
	// In PostgreSQL a write that still waits for its standby can be read everywhere but
	// on the authority; it can there too once it waits no longer.
	after := l.contents(lead)
	for limit := time.Now().Add(5 * time.Second); strange(copies, after) > 0 && time.Now().Before(limit); {
		after = l.contents(lead)
	}
	for region, copied := range copies {
		missing := 0
		for id, w := range before {
			if c, there := copied[id]; !there || c != w {
				missing++
			}
		}
		extra := strange(map[string]map[string]held{region: copied}, after)
		if missing > 0 || extra > 0 {
			l.Wrong("%s lacks %d of the %d writes of %s, and has %d that are not its", region, missing, len(before), lead, extra)
		}
	}
	authorities := map[uint64]string{}
	for _, w := range l.acked() {
		if was := authorities[w.epoch]; was != "" && was != w.by {
			l.Wrong("%s and %s both acknowledged writes in epoch %d", was, w.by, w.epoch)
		}
		authorities[w.epoch] = w.by
	}
}

// strange is how many writes replicas have that the authority has not, or has otherwise.
func strange(copies map[string]map[string]held, after map[string]held) (n int) {
	for _, copied := range copies {
		for id, c := range copied {
			if w, there := after[id]; !there || c != w {
				n++
			}
		}
	}
	return n
}

// caughtUp waits a while until every follower has what the authority had: by the
// last epoch too, since one that has not cut its own tail yet can be further on.
func (l *dataLab) caughtUp(lead string, epoch uint64, had store.Status) bool {
	limit := time.Now().Add(5 * time.Second)
	control := l.engine.parts.data.controllers[dataset]
	for _, region := range l.spec.Datasets[0].Regions {
		for region != lead {
			ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
			s, err := l.engine.parts.clients[region].StoreStatus(ctx, dataset)
			cancel()
			if now, e := control.Leader(); now != lead || e != epoch || time.Now().After(limit) {
				return false
			}
			if err == nil && s.Role == role.Follower && s.Authority == lead && s.Epoch == epoch && !s.Seeding && s.LastIn >= had.LastIn && s.Position >= had.Position && s.Entries >= had.Entries {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return true
}

// end quits and judges every check of the ledger: a write that was lost although the
// durability from its acknowledgement to the check covers the loss is an error.
func (l *dataLab) end() {
	l.Helper()
	l.endReads()
	l.engine.Quit(false)
	l.until("the drill has ended", time.Minute, func(*drill.State) bool { return l.closed })
	if err := <-l.ended; err != nil {
		l.Errorf("the drill ended with %v", err)
	}
	type since struct {
		at   time.Duration
		weak bool
	}
	durable := []since{{weak: weak(l.spec.Datasets[0].Mode)}}
	known := map[string]bool{}
	checks := 0
	for _, ev := range l.events {
		switch b := ev.Body.(type) {
		case drill.ModeChanged:
			durable = append(durable, since{at: ev.T, weak: weak(b.Now.Mode)})
		case drill.LedgerChecked:
			checks++
			if len(b.Mismatched) > 0 {
				l.Wrong("%s: %d writes are there with other contents: %v", b.Why, len(b.Mismatched), b.Mismatched)
			}
			for _, lost := range b.Lost {
				if known[lost.ID] {
					continue
				}
				known[lost.ID] = true
				// Weak at any time from the acknowledgement to the check: it was allowed.
				allowed := false
				for i, p := range durable {
					over := i+1 == len(durable) || durable[i+1].at > lost.Acked
					allowed = allowed || p.weak && over
				}
				if !allowed {
					l.Wrong("%s: write %s, acknowledged at %s, is lost although the mode keeps it", b.Why, lost.ID, lost.Acked)
				}
			}
		}
	}
	if checks == 0 {
		l.Error("the ledger was never checked")
	}
	l.exported()
	if l.stop != nil && !slices.ContainsFunc(durable, func(s since) bool { return s.weak }) {
		l.linearizable()
	}
	if l.Failed() {
		l.Log(l.told())
	}
}

// exported holds what rejoins say that they cut against the files that outlive the
// regions.
func (l *dataLab) exported() {
	l.Helper()
	for _, ev := range l.events {
		b, ok := ev.Body.(drill.RejoinDone)
		if !ok || b.Diverged == 0 {
			continue
		}
		if n, err := kept(b.Exported); err != nil || n != b.Diverged {
			l.Wrong("%s cut %d writes, %s has %d: %v", b.Region, b.Diverged, b.Exported, n, err)
		}
	}
}

// kept is how many writes an export has, or a folder of them.
func kept(path string) (n int, err error) {
	return n, filepath.WalkDir(path, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return diverged.Read(path, func(store.Entry) error { n++; return nil })
	})
}

func weak(m topology.Mode) bool { return m == topology.ModeAsync || m == topology.ModePinned }
