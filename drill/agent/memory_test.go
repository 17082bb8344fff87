package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// memory is a replica without a disk: enough of an engine to test what lies
// around one. It has no divergence, as no test here makes any.
type memory struct {
	o Opening
	// arrived and gate, if set: Append tells the one, then waits for the other.
	arrived, gate chan struct{}

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at every change
	entries   []store.Entry
	epoch     uint64
	leads     bool
	lease     time.Duration // until, by the clock
	followers map[string]uint64
	authority string
	err       error
	cut       *store.Cut
	follow    context.CancelFunc
	following sync.WaitGroup
}

func openMemory(o Opening) (Replica, error) {
	return &memory{o: o, changed: make(chan struct{}), followers: map[string]uint64{}}, nil
}

// change is called with mu held.
func (m *memory) change() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) Append(ctx context.Context, w store.Write) (store.Ack, error) {
	if m.gate != nil {
		m.arrived <- struct{}{}
		select {
		case <-m.gate:
		case <-ctx.Done():
			return store.Ack{}, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.leads:
		return store.Ack{}, store.ErrNotAuthority
	case m.o.Clock() >= m.lease:
		return store.Ack{}, store.ErrFenced
	}
	for _, e := range m.entries {
		if e.ID == w.ID {
			return store.Ack{Index: e.Index, Epoch: e.Epoch}, nil
		}
	}
	e := store.Entry{Index: uint64(len(m.entries) + 1), Epoch: m.epoch, ID: w.ID, Payload: w.Payload}
	m.entries = append(m.entries, e)
	m.change()
	return store.Ack{Index: e.Index, Epoch: e.Epoch}, nil
}

func (m *memory) Lookup(_ context.Context, id string) (store.Entry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		if e.ID == id {
			return e, true, nil
		}
	}
	return store.Entry{}, false, nil
}

func (m *memory) Epoch() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch
}

func (m *memory) Status(context.Context) (store.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	st := store.Status{
		Dataset: m.o.Dataset, Region: m.o.Region, Role: role.Fenced, Epoch: m.epoch,
		Position: uint64(len(m.entries)), Clock: store.Clock{Run: m.o.Run, Reading: int64(m.o.Clock())}, Authority: m.authority, Cut: m.cut,
	}
	if m.err != nil {
		st.Error = m.err.Error()
	}
	switch {
	case m.authority != "":
		st.Role = role.Follower
	case m.leads && m.o.Clock() < m.lease:
		st.Role, st.LeaseLeft = role.Authority, m.lease-m.o.Clock()
	}
	return st, nil
}

func (m *memory) Audit(_ context.Context, after uint64, visit func(store.Entry) error) error {
	m.mu.Lock()
	entries := slices.Clone(m.entries)
	m.mu.Unlock()
	for _, e := range entries[min(after, uint64(len(entries))):] {
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Configure(_ context.Context, d topology.Dataset) error {
	if d.Mode != topology.ModeAsync {
		return fmt.Errorf("mode %s: %w", d.Mode, store.ErrMode)
	}
	return nil
}

func (m *memory) Promote(_ context.Context, epoch uint64) error {
	m.stopFollowing()
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch < m.epoch || epoch == m.epoch && !m.leads {
		return fmt.Errorf("promote in epoch %d: epoch %d is known: %w", epoch, m.epoch, store.ErrStaleEpoch)
	}
	m.epoch, m.leads, m.lease, m.authority = epoch, true, 0, ""
	m.change()
	return nil
}

func (m *memory) Grant(_ context.Context, epoch uint64, echo store.Clock, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case epoch != m.epoch:
		return store.ErrStaleEpoch
	case !m.leads:
		return store.ErrNotAuthority
	case echo.Run != m.o.Run:
		return store.ErrStaleClock
	}
	m.lease = max(m.lease, time.Duration(echo.Reading)+lease)
	return nil
}

func (m *memory) Fence(_ context.Context, epoch uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch > m.epoch {
		m.epoch, m.leads, m.lease = epoch, false, 0
	}
	m.change()
	return nil
}

func (m *memory) Follow(_ context.Context, authority string, epoch uint64) error {
	m.stopFollowing()
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch < m.epoch {
		return store.ErrStaleEpoch
	}
	m.epoch, m.leads, m.authority = epoch, false, authority
	ctx, cancel := context.WithCancel(context.Background())
	m.follow = cancel
	m.following.Go(func() {
		for ctx.Err() == nil {
			m.mu.Lock()
			after := uint64(len(m.entries))
			m.mu.Unlock()
			err := m.o.Upstream.Stream(ctx, authority, m.o.Dataset, epoch, after, func(b store.Batch) error { return m.take(ctx, authority, epoch, b) })
			m.mu.Lock()
			m.err = err
			m.mu.Unlock()
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	m.change()
	return nil
}

func (m *memory) take(ctx context.Context, authority string, epoch uint64, b store.Batch) error {
	m.mu.Lock()
	for _, e := range b.Entries {
		if e.Index != uint64(len(m.entries)+1) {
			m.mu.Unlock()
			return fmt.Errorf("entry %d after %d", e.Index, len(m.entries))
		}
		m.entries = append(m.entries, e)
	}
	m.err = nil
	position := uint64(len(m.entries))
	m.mu.Unlock()
	if len(b.Entries) == 0 {
		return nil
	}
	return m.o.Upstream.Stored(ctx, authority, m.o.Dataset, epoch, m.o.Region, position)
}

func (m *memory) stopFollowing() {
	m.mu.Lock()
	stop := m.follow
	m.follow = nil
	m.mu.Unlock()
	if stop != nil {
		stop()
		m.following.Wait()
	}
}

func (m *memory) Close() error {
	m.stopFollowing()
	return nil
}

func (m *memory) EpochEnd(_ context.Context, leader, _ uint64) (store.EpochEnd, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if leader != m.epoch {
		return store.EpochEnd{}, store.ErrStaleEpoch
	}
	return store.EpochEnd{Epoch: m.epoch, End: uint64(len(m.entries))}, nil
}

func (m *memory) Stream(ctx context.Context, leader, after uint64, each func(store.Batch) error) error {
	for {
		m.mu.Lock()
		if !m.leads || leader != m.epoch {
			m.mu.Unlock()
			return store.ErrNotAuthority
		}
		b := store.Batch{Position: uint64(len(m.entries)), Entries: slices.Clone(m.entries[min(after, uint64(len(m.entries))):])}
		changed := m.changed
		m.mu.Unlock()
		if err := each(b); err != nil {
			return err
		}
		after = b.Position
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (m *memory) Stored(_ context.Context, leader uint64, region string, position uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.leads || leader != m.epoch {
		return store.ErrNotAuthority
	}
	m.followers[region] = max(m.followers[region], position)
	return nil
}
