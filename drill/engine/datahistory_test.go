package engine

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/history/edn"
	"github.com/fleetdrill/fleetdrill/drill/history/linear"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

// opsFile is a history in memory.
type opsFile struct {
	mu     sync.Mutex
	bytes  bytes.Buffer
	closed bool
}

func (f *opsFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes.Write(p)
}

func (f *opsFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}

const (
	readers   = 2
	readEvery = 30 * time.Millisecond
	// judgeLimit bounds porcupine; a key has a write and a few reads, so that all take milliseconds.
	judgeLimit = 30 * time.Second
)

// readThroughTheAuthority reads what users write, in a way that may claim to be linearizable,
// until the case ends: users' own reads ask the nearest replica and may not.
func (l *dataLab) readThroughTheAuthority() {
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for i := range readers {
		l.reads.Go(func() {
			r := &reader{l: l, name: fmt.Sprintf("reader%d", i), rng: rand.New(rand.NewPCG(uint64(i), 9))}
			for ctx.Err() == nil {
				r.read(ctx)
				time.Sleep(readEvery)
			}
		})
	}
}

func (l *dataLab) endReads() {
	if l.stop != nil {
		l.stop()
		l.reads.Wait()
	}
}

// reader reads through the authority. A look-up alone says little: the region may have been
// deposed without knowing it, or show a write that its mode does not keep yet. So a read
// writes a mark first, as any write, and looks where that was acknowledged: whoever
// acknowledges it leads, with all that was acknowledged before. What it finds counts once a second mark
// was acknowledged by the same region in the same epoch, for that stands behind it in the log
// and is kept by the mode only with it (Raft, 6.4, has reads by the log).
type reader struct {
	l     *dataLab
	name  string
	rng   *rand.Rand
	keys  []history.Written
	marks int
}

func (r *reader) read(ctx context.Context) {
	record, spec := r.l.engine.history, r.l.spec
	r.keys = append(r.keys, record.Written(len(r.keys))...)
	if len(r.keys) == 0 {
		return
	}
	// What was just begun is where most can go wrong.
	near := r.rng.Float64()
	key := r.keys[len(r.keys)-1-int(near*near*near*float64(min(len(r.keys), 2000)-1))]
	by := spec.Regions[r.rng.IntN(len(spec.Regions))].Name
	call := record.Invoke(history.Op{F: history.Read, Dataset: dataset, Key: key.Key, Region: by})
	found, err := r.look(ctx, key.Key, by)
	if err != nil {
		record.Fail(call, err.Error())
		return
	}
	record.OK(call, found)
}

func (r *reader) look(ctx context.Context, key, by string) (history.Found, error) {
	first, err := r.mark(ctx, by)
	if err != nil {
		return history.Found{}, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	entry, err := r.l.engine.parts.clients[first.Node].Lookup(limited, dataset, key, false)
	if err != nil || !entry.Found {
		return history.Found{Node: first.Node}, err
	}
	second, err := r.mark(ctx, by)
	if err == nil && (second.Node != first.Node || second.Epoch != first.Epoch) {
		err = fmt.Errorf("%s led in epoch %d, now it is %s in %d", first.Node, first.Epoch, second.Node, second.Epoch)
	}
	return traffic.Finding(entry), err
}

// mark writes something of the reader's own.
func (r *reader) mark(ctx context.Context, by string) (history.Found, error) {
	record := r.l.engine.history
	r.marks++
	w := store.Write{ID: fmt.Sprintf("%s-%d", r.name, r.marks), Payload: []byte(r.name)}
	call := record.Invoke(history.Op{F: history.Write, Dataset: dataset, Key: w.ID, Value: history.Is(history.Digest(w.Payload)), Region: by})
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	written, err := r.l.engine.parts.clients[by].Write(limited, dataset, w)
	if err != nil {
		record.Info(call, err.Error())
		return history.Found{}, err
	}
	found := history.Found{Node: written.Authority, Epoch: written.Epoch, Position: written.Index}
	record.OK(call, found)
	return found, nil
}

// history is every operation, once the drill has ended.
func (l *dataLab) history() []history.Op {
	l.Helper()
	l.ops.mu.Lock()
	defer l.ops.mu.Unlock()
	if !l.ops.closed {
		l.Fatal("the history was not closed")
	}
	ops, err := edn.ReadAll(bytes.NewReader(l.ops.bytes.Bytes()))
	if err != nil {
		l.Fatal(err)
	}
	return ops
}

// linearizable judges the drill's history: no order of what clients were told may be missing.
func (l *dataLab) linearizable() {
	l.Helper()
	ops := l.history()
	j, err := linear.Check(ops, dataset, judgeLimit)
	if err != nil {
		l.Fatal(err)
	}
	l.Logf("history of %d lines: %s", len(ops), j)
	if len(j.Violations) > 0 {
		l.Wrong("the history is not linearizable: %s", j)
	}
	if len(j.Undecided) > 0 {
		l.Errorf("%d keys could not be judged within %s: nothing is known of them", len(j.Undecided), judgeLimit)
	}
	if j.Writes == 0 || j.Reads < j.Writes {
		l.Errorf("only %d reads of %d writes: each is read at the end at least", j.Reads, j.Writes)
	}
	wrong, err := linear.Order(ops, dataset)
	if err != nil || len(wrong) > 0 {
		l.Wrong("positions do not rise as time does: %v, %d times: %q", err, len(wrong), wrong[:min(3, len(wrong))])
	}
	wrong, judged, err := linear.Prefix(ops, dataset, nil)
	l.Logf("regions' own reads: %d lacked an acknowledged write", judged)
	if err != nil || len(wrong) > 0 {
		l.Wrong("a region's own reads show no prefix: %v, %d times: %q", err, len(wrong), wrong[:min(3, len(wrong))])
	}
}

// A judge that finds nothing wrong is to be trusted only if it finds what is: async drops what a
// lost authority alone had, which users had seen acknowledged.
func TestAsyncWithAFailoverIsNotLinearizable(t *testing.T) {
	leftToProcesses(t)
	for _, engine := range dataEngines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			attempts(t, func(t *attempt) {
				l := newDataLab(t, dataSpec(engine, topology.Durability{Mode: topology.ModeAsync}), 7)
				l.written(50)
				// Cut off from its replicas, the authority acknowledges until its lease ends.
				l.must(cut(runbook.VerbPartition, "a", topology.EndOthers, false))
				l.until("the authority has moved", 30*time.Second, func(s *drill.State) bool {
					return len(s.Failovers) > 0 && s.Failovers[0].Check != nil
				})
				l.must(cut(runbook.VerbHeal, "a", topology.EndOthers, false))
				l.written(50)
				l.equal()
				l.end()
				j, err := linear.Check(l.history(), dataset, judgeLimit)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d keys violate it, of %d", len(j.Violations), j.Keys)
				if len(j.Violations) == 0 || len(j.Undecided) > 0 {
					t.Errorf("acknowledged writes were dropped, and the judge finds nothing: %s\n%s", j, l.told())
				}
			})
		})
	}
}
