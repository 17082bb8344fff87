package controller

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// simEntry is a stored write.
type simEntry struct {
	id    int
	epoch uint64
}

// simRegion is a model of a region's replica, as drill/store/log is: what is on its disk
// outlives a restart, the rest does not.
type simRegion struct {
	sim           *sim
	name          string
	index         int
	alive, frozen bool
	slow          bool
	rate          float64 // of its clock, to ours
	booted        time.Duration
	runs          int
	queue         []func() // requests that a frozen process has not taken yet
	hung          bool     // its disk does nothing
	hungAt        time.Duration
	hangs         int      // how often it has
	stuck         []func() // what waits for its disk, in order
	seenOnDisk    uint64   // the epoch that it had when it hung

	// On disk.
	log            []simEntry
	epoch, leading uint64
	authorityEpoch uint64 // the highest epoch that it knows an authority of
	first          uint64 // position that the epoch it leads begins with
	seeding        bool
	cuts           int
	cut            *store.Cut

	// In memory.
	version    uint64 // of the topology
	lease      time.Duration
	durability []topology.Durability // empty before it was told
	followers  []uint64
	following  *simFollow
	copied     int64
	pending    []simWrite
	wanted     []func() // who waits for a snapshot that is begun from here on
}

// simFollow is a replica following one authority in one epoch.
type simFollow struct {
	authority string
	epoch     uint64
	heard     bool
	heardAt   time.Duration
	position  uint64
	target    uint64
	shipped   int // snapshots, in mode backup
	shippedAt time.Duration
}

// backsUp reports whether it holds snapshots of whom it follows.
func (r *simRegion) backsUp() bool {
	return len(r.durability) > 0 && r.durability[0].Mode == topology.ModeBackup
}

// simWrite is a write that waits for its durability.
type simWrite struct {
	id    int
	index uint64
	epoch uint64
	sent  time.Duration
}

func (r *simRegion) clock() time.Duration {
	return time.Duration(float64(r.sim.now-r.booted)*r.rate) + time.Hour*time.Duration(r.runs)
}

func (r *simRegion) running() bool    { return r.alive && !r.frozen }
func (r *simRegion) leads() bool      { return r.leading != 0 && r.following == nil }
func (r *simRegion) position() uint64 { return uint64(len(r.log)) }

func (r *simRegion) lastIn() uint64 {
	if n := len(r.log); n > 0 {
		return r.log[n-1].epoch
	}
	return 0
}

func (r *simRegion) has(w simAck) bool {
	return r.position() >= w.index && r.log[w.index-1].id == w.id
}

// serving reports whether it would acknowledge a write now.
func (r *simRegion) serving() bool {
	return r.running() && r.leads() && len(r.durability) > 0 && r.leading == r.epoch && r.clock() < r.lease
}

// boot starts its process: what was in memory is gone.
func (r *simRegion) boot(lostDisk bool) {
	if lostDisk {
		r.log, r.epoch, r.leading, r.authorityEpoch, r.first, r.seeding, r.cut = nil, 0, 0, 0, 0, true, nil
	}
	if r.hung { // a fence that came meanwhile was in memory alone
		r.epoch = min(r.epoch, r.seenOnDisk)
	}
	r.alive, r.frozen, r.hung, r.stuck = true, false, false, nil
	r.booted, r.runs = r.sim.now, r.runs+1
	r.version, r.lease, r.durability, r.following, r.copied, r.pending, r.wanted = 0, 0, nil, nil, 0, nil, nil
	r.followers = make([]uint64, len(r.sim.regions))
	r.queue = nil
}

func (r *simRegion) status() store.Status {
	s := store.Status{
		Dataset: simDataset, Region: r.name, Role: role.Fenced, Epoch: r.epoch, Position: r.position(), Entries: r.position(),
		LastIn: r.lastIn(), Bytes: int64(len(r.log)), Seeding: r.seeding, Copied: r.copied, Cut: r.cut,
		Clock: store.Clock{Run: fmt.Sprint(r.name, r.runs), Reading: int64(r.clock())},
	}
	if r.hung && r.sim.now > r.hungAt {
		s.Stalled, s.StalledBy = r.sim.now-r.hungAt, "the disk does nothing"
	}
	if len(r.durability) > 0 {
		s.Mode = r.durability[0].Mode
		if r.leads() {
			s.DurableIndex = r.kept(r.durability[0])
			if s.Waiting = len(r.pending); s.Waiting > 0 {
				s.WaitingFor = []string{"others"}
			}
		}
	}
	if f := r.following; f != nil {
		s.Role, s.Authority = role.Follower, f.authority
		if r.backsUp() && f.shipped > 0 {
			s.Snapshot = &store.Snapshot{Age: r.sim.now - f.shippedAt, Count: f.shipped}
		}
		if f.heard {
			position := f.position
			s.AuthorityPosition, s.Heard = &position, r.clock()-f.heardAt
		}
	} else if r.leads() && r.leading == r.epoch && r.clock() < r.lease {
		s.Role = role.Authority
	}
	return s
}

// kept is up to which position a durability holds.
func (r *simRegion) kept(d topology.Durability) uint64 {
	switch d.Mode {
	case topology.ModeSync:
		return min(r.followers[r.sim.region(d.With).index], r.position())
	case topology.ModeQuorum:
		positions := slices.Clone(r.followers)
		positions[r.index] = r.position()
		slices.Sort(positions)
		slices.Reverse(positions)
		if q := positions[len(positions)/2]; r.lastIn() == r.leading && q >= r.first {
			return q
		}
		return positions[len(positions)-1]
	}
	return r.position()
}

// judge acknowledges the writes that every durability holds for.
func (r *simRegion) judge() {
	if len(r.pending) == 0 {
		return
	}
	if !r.serving() {
		r.pending = nil
		return
	}
	kept := r.position()
	for _, d := range r.durability {
		kept = min(kept, r.kept(d))
	}
	var left []simWrite
	for _, w := range r.pending {
		if w.index > kept {
			left = append(left, w)
			continue
		}
		r.sim.acknowledge(r, w)
	}
	r.pending = left
}

func (r *simRegion) write(id int) {
	if !r.serving() {
		return
	}
	epoch, sent := r.leading, r.sim.now
	store := func() {
		if r.leading != epoch || !r.leads() {
			return
		}
		// A database that is continued stores it, fenced or not.
		r.log = append(r.log, simEntry{id: id, epoch: r.leading})
		r.pending = append(r.pending, simWrite{id: id, index: r.position(), epoch: r.leading, sent: sent})
		r.judge()
	}
	if r.hung {
		r.stuck = append(r.stuck, store)
		return
	}
	store()
}

func (r *simRegion) configure(p simPlacement) error {
	r.durability = p.dataset.Durabilities()
	r.version = p.version
	r.judge()
	return nil
}

func (r *simRegion) fence(epoch uint64) error {
	if epoch < r.epoch {
		return store.ErrStaleEpoch
	}
	r.epoch = epoch
	if r.following != nil && r.following.epoch < epoch {
		r.following = nil
	}
	r.judge()
	return nil
}

func (r *simRegion) promote(epoch uint64) error {
	again := r.leads() && epoch == r.leading
	switch {
	case r.seeding && !r.sim.memory.rules.breach.candidate.WholeReplicas:
		return store.ErrSeeding
	case epoch == 0 || epoch < r.epoch || epoch <= r.authorityEpoch && !again:
		return store.ErrStaleEpoch
	case again:
		return nil
	}
	r.sim.leads(r, epoch)
	r.epoch, r.authorityEpoch, r.leading, r.first = epoch, epoch, epoch, r.position()+1
	r.following, r.lease, r.pending = nil, 0, nil
	clear(r.followers)
	return nil
}

func (r *simRegion) grant(epoch uint64, echo store.Clock, lease time.Duration) error {
	switch {
	case epoch < r.epoch:
		return store.ErrStaleEpoch
	case !r.leads() || epoch != r.leading:
		return store.ErrNotAuthority
	case echo.Run != fmt.Sprint(r.name, r.runs):
		return store.ErrStaleClock
	}
	r.lease = max(r.lease, time.Duration(echo.Reading)+lease)
	r.sim.granted(r)
	return nil
}

func (r *simRegion) follow(authority string, epoch uint64) error {
	f := r.following
	switch {
	case f != nil && f.authority == authority && f.epoch == epoch:
		return nil
	case epoch < r.epoch:
		return store.ErrStaleEpoch
	case r.leads() && epoch == r.leading:
		return fmt.Errorf("it leads that epoch itself")
	}
	r.epoch, r.authorityEpoch, r.leading, r.lease, r.pending, r.copied = epoch, epoch, 0, 0, nil, 0
	r.following = &simFollow{authority: authority, epoch: epoch}
	r.seeding = r.seeding || r.backsUp() && len(r.log) == 0
	r.sim.copy(r, r.following)
	return nil
}

func (r *simRegion) reseed() error {
	f := r.following
	if f == nil {
		return fmt.Errorf("it follows nobody")
	}
	r.log, r.seeding, r.following = nil, true, nil
	return r.follow(f.authority, f.epoch)
}

// copy takes the stream up again and again: ask the authority, store, report.
func (s *sim) copy(r *simRegion, f *simFollow) {
	s.after(s.span(s.copyEvery), func() {
		if r.following != f || !r.alive {
			return
		}
		a := s.region(f.authority)
		due := len(r.wanted) > 0 || f.shipped == 0 || s.now >= f.shippedAt+s.memory.rules.Dataset.Every
		if r.frozen || r.hung || !s.crosses(r.name, a.name) || r.backsUp() && !due {
			s.copy(r, f)
			return
		}
		wanted := r.wanted
		r.wanted = nil
		s.after(s.span(s.linkDelay), func() {
			if !a.running() || a.hung || !a.leads() || a.leading != f.epoch || !s.crosses(a.name, r.name) {
				r.wanted = append(wanted, r.wanted...)
				s.copy(r, f)
				return
			}
			common := min(len(r.log), len(a.log))
			for common > 0 && r.log[common-1] != a.log[common-1] {
				common--
			}
			most, began := common+s.batch, s.now
			if r.backsUp() {
				most = len(a.log)
			}
			batch := slices.Clone(a.log[common:min(len(a.log), most)])
			position, mine := a.position(), len(r.log)
			s.after(s.span(s.linkDelay), func() {
				before := f.shipped
				if s.stored(r, a, f, common, mine, batch, position); f.shipped == before {
					r.wanted = append(wanted, r.wanted...)
					return
				}
				f.shippedAt = began
				for _, answer := range wanted {
					answer()
				}
			})
		})
	})
}

func (s *sim) stored(r, a *simRegion, f *simFollow, common, mine int, batch []simEntry, position uint64) {
	defer s.copy(r, f)
	if r.following != f || !r.running() || r.hung || len(r.log) != mine {
		return
	}
	if tail := len(r.log) - common; tail > 0 {
		r.cuts++
		r.cut = &store.Cut{Entries: tail, From: uint64(common + 1), Exported: fmt.Sprint(r.name, "-", r.cuts)}
		r.log = slices.Clip(r.log[:common])
	}
	if !f.heard {
		f.target = position
	}
	f.heard, f.heardAt, f.position = true, r.clock(), position
	r.log = append(r.log, batch...)
	r.copied += int64(len(batch))
	f.shipped++
	if r.seeding && r.position() >= f.target {
		r.seeding = false
	}
	reported := r.position()
	s.after(s.span(s.linkDelay), func() {
		if s.crosses(r.name, a.name) && a.running() && a.leads() && a.leading == f.epoch && reported <= a.position() {
			a.followers[r.index] = reported
			a.judge()
		}
	})
}
