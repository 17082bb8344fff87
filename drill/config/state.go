package config

import (
	"slices"
	"time"
)

// State is the configuration of a fleet as its events have it.
type State struct {
	Head    Revision // the newest commit; its Hash is "" before the first
	Commits []*CommitAt
	Regions []*Region
	// Held is why the next wave waits; nil while none does.
	Held *Held
	// Suspended is since when nobody reconciles, since the hub is gone, and why; nil while somebody does.
	Suspended *Since
	// Failed is why nothing new can be given to any region; nil while it can.
	Failed *Since
	// Drifts is every difference that was seen, or made by hand, in the order of time.
	Drifts []*Drift
}

// Since is a reason and from when on it holds.
type Since struct {
	At  time.Duration
	Why string
}

// CommitAt is a commit and when it was made, or else known, and of each region when it had it.
type CommitAt struct {
	Committed
	At      time.Duration
	Applied map[string]time.Duration
	Waves   []WaveAt // that were let through, in their order
	Holds   []HoldAt // that kept the next wave waiting
}

// WaveAt is a wave of regions, and from when on it was to have a commit.
type WaveAt struct {
	Released
	At time.Duration
}

// HoldAt is why a wave waited, and from when on.
type HoldAt struct {
	Held
	At time.Duration
}

// Region is one region's configuration.
type Region struct {
	Name      string
	Wanted    string // hash of the revision that it is to have; "" none yet
	Applied   string // that it has whole; "" none, or not known
	AppliedAt time.Duration
	Failed    *Since
	Away      *Since        // its reconciler can't reach it
	BackAt    time.Duration // when it could again; 0 where it always could
	explained bool          // a fault of the drill was why, when that was told last
	// Survey is what it runs, by the newest look at its objects; nil where none was made.
	Survey *Survey
	// has is fields as news had them last, by Field.String; "" of what is missing. What was never told is as it was at first.
	has map[string]string
}

// Drift is fields of a region that differed. Made is when they were changed by hand, Seen when a reconciler saw it, Mended when they were
// as the repository has them; nil for what is not known or has not come.
type Drift struct {
	Region       string
	Fields       []Field
	Made         *time.Duration
	Seen, Mended *time.Duration
}

// Behind reports whether the region is to have another revision than it has.
func (r *Region) Behind() bool { return r.Wanted != "" && r.Wanted != r.Applied }

// Region is a region's; nil where nothing was said of it.
func (s *State) Region(name string) *Region {
	if s == nil {
		return nil
	}
	if i := slices.IndexFunc(s.Regions, func(r *Region) bool { return r.Name == name }); i >= 0 {
		return s.Regions[i]
	}
	return nil
}

// Revision is a commit by its hash; with the hash alone where it is not known.
func (s *State) Revision(hash string) Revision {
	for _, c := range s.Commits {
		if c.Revision.Hash == hash {
			return c.Revision
		}
	}
	return Revision{Hash: hash}
}

// Reverted reports whether a commit was taken back that a region has still, or of which nothing is heard yet.
func (s *State) Reverted() bool {
	for _, c := range s.Commits {
		back := c.Revision.Reverts
		if slices.ContainsFunc(s.Regions, func(r *Region) bool { return back != "" && r.Applied == back }) {
			return true
		}
	}
	return s.Head.Reverts == ""
}

// Open is where a region is known to differ from its revision: what this drill changed by hand, and what a reconciler or a look at its
// objects found, and is not mended.
func (s *State) Open(region string) (out []Field) {
	for _, d := range s.OpenDrifts(region) {
		out = append(out, d.Fields...)
	}
	return out
}

// OpenDrifts is the differences of a region that are not mended, in the order of time.
func (s *State) OpenDrifts(region string) (out []*Drift) {
	if s == nil {
		return nil
	}
	for _, d := range s.Drifts {
		if d.Region == region && d.Mended == nil {
			out = append(out, d)
		}
	}
	return out
}

// of is the region's, made where it is not there.
func (s *State) of(name string) *Region {
	if r := s.Region(name); r != nil {
		return r
	}
	r := &Region{Name: name}
	s.Regions = append(s.Regions, r)
	return r
}

// Fold implements News.
func (b Committed) Fold(s *State, at time.Duration) {
	if s.Head.Hash != b.Revision.Hash {
		s.Held = nil
	}
	if b.Made != nil {
		at = *b.Made
	}
	s.Head = b.Revision
	s.Commits = append(s.Commits, &CommitAt{Committed: b, At: at, Applied: map[string]time.Duration{}})
}

// commit is the newest of a revision; nil where it is not known.
func (s *State) commit(hash string) *CommitAt {
	for _, c := range slices.Backward(s.Commits) {
		if c.Revision.Hash == hash {
			return c
		}
	}
	return nil
}

// Fold implements News.
func (b Released) Fold(s *State, at time.Duration) {
	s.Held = nil
	if c := s.commit(b.Revision); c != nil {
		c.Waves = append(c.Waves, WaveAt{b, at})
	}
	for _, region := range b.Regions {
		s.of(region).Wanted = b.Revision
	}
}

// Fold implements News.
func (b Held) Fold(s *State, at time.Duration) {
	s.Held = &b
	if c := s.commit(b.Revision); c != nil {
		c.Holds = append(c.Holds, HoldAt{b, at})
	}
}

// Fold implements News.
func (b Applied) Fold(s *State, at time.Duration) {
	r := s.of(b.Region)
	r.Applied, r.AppliedAt, r.Failed, r.Away = b.Revision, at, nil, nil
	s.mended(b.Region, at)
	r.take(b.Fields, Field.wanted)
	for _, ref := range b.Pruned {
		r.take([]Field{{Object: ref}}, Field.actual)
	}
	for _, c := range s.Commits {
		if _, had := c.Applied[b.Region]; c.Revision.Hash == b.Revision && !had {
			c.Applied[b.Region] = at
		}
	}
}

// Fold implements News.
func (b Edited) Fold(s *State, at time.Duration) {
	s.of(b.Region).take(b.Fields, Field.actual)
	s.Drifts = append(s.Drifts, &Drift{Region: b.Region, Fields: b.Fields, Made: &at})
}

// Fold implements News.
func (b Drifted) Fold(s *State, at time.Duration) {
	s.of(b.Region).take(b.Fields, Field.actual)
	for _, d := range s.OpenDrifts(b.Region) {
		if d.Seen == nil {
			d.Seen = &at
		}
	}
	s.found(b.Region, b.Fields, &at)
}

// found has each field that differs in an open drift: those that no change by hand was told of in one of their own.
func (s *State) found(region string, fields []Field, seen *time.Duration) {
	open := s.Open(region)
	fresh := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return slices.ContainsFunc(open, f.same) })
	if len(fresh) > 0 {
		s.Drifts = append(s.Drifts, &Drift{Region: region, Fields: fresh, Seen: seen})
	}
}

// Fold implements News.
func (b Mended) Fold(s *State, at time.Duration) {
	s.mended(b.Region, at)
	s.of(b.Region).take(b.Fields, Field.wanted)
}

// mended ends what of a region differed.
func (s *State) mended(region string, at time.Duration) {
	for _, d := range s.OpenDrifts(region) {
		d.Mended = &at
	}
}

// Fold implements News.
func (b Failed) Fold(s *State, at time.Duration) {
	since := &Since{At: at, Why: b.Why}
	if b.Region == "" {
		s.Failed = since
		return
	}
	s.of(b.Region).Failed = since
}

// Fold implements News.
func (b Recovered) Fold(s *State, _ time.Duration) {
	if b.Region == "" {
		s.Failed = nil
		return
	}
	s.of(b.Region).Failed = nil
}

// Fold implements News.
func (b Unreached) Fold(s *State, at time.Duration) {
	var since *Since
	if b.On {
		since = &Since{At: at, Why: b.Why}
	}
	if b.Region == "" {
		s.Suspended = since
		for _, r := range s.Regions {
			r.back(b, at)
		}
		return
	}
	r := s.of(b.Region)
	r.Away = since
	r.back(b, at)
}

func (r *Region) back(b Unreached, at time.Duration) {
	if !b.On {
		r.BackAt = at
	}
}

// Explain reports whether it goes without saying that a region is not reconciled, or that it is again: fault says whether the drill itself
// keeps the region away now.
func (b Unreached) Explain(s *State, fault bool) bool {
	if b.Region == "" { // a hub's loss is told by what it means for all regions
		return false
	}
	if b.On {
		s.of(b.Region).explained = fault
	}
	return s.of(b.Region).explained
}
