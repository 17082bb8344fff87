// Package risk counts the writes of an authority that would be lost with it.
package risk

import "maps"

// Meter counts how many writes no other region has stored yet. PostgreSQL
// replicates bytes and not writes, so it marks now and then how many writes lie
// below which position. Between two marks it errs upwards.
type Meter struct {
	Start     uint64            // position behind the beginning of the epoch that is led
	Followers map[string]uint64 // the last position that each has reported since; none while it is copied whole
	marks     []mark            // in order; the first is the last one that a follower has whole
}

// mark says that so many writes all lie below a position.
type mark struct {
	writes   uint64
	position uint64
}

// Begin is at the beginning of an epoch, when so many writes were made before.
func (m *Meter) Begin(writes, position uint64) {
	*m = Meter{Start: position, Followers: map[string]uint64{}, marks: []mark{{writes, position}}}
}

// Take takes in what the server reported. The last report counts, also where it is below the
// one before it: a region may have lost its disk. Of those that are copied whole
// nothing is known.
func (m *Meter) Take(writes, position uint64, followers map[string]uint64, cloning []string) {
	if m.Followers == nil {
		m.Followers = map[string]uint64{}
	}
	best := uint64(0)
	maps.Copy(m.Followers, followers)
	for _, region := range cloning {
		delete(m.Followers, region)
	}
	for _, flush := range m.Followers {
		best = max(best, flush)
	}
	if n := len(m.marks); n == 0 || m.marks[n-1].writes < writes {
		m.marks = append(m.marks, mark{writes, position})
	}
	for len(m.marks) > 1 && m.marks[1].position <= best {
		m.marks = m.marks[1:]
	}
}

// Left is the writes at risk of so many; nil while nobody has reported that it has
// what was there when the epoch began, or what the first mark stands for: it may have
// all or nothing. alone says that no other region holds the dataset.
func (m *Meter) Left(writes uint64, alone bool) *uint64 {
	if alone {
		return &writes
	}
	best := uint64(0)
	for _, flush := range m.Followers {
		best = max(best, flush)
	}
	if best < m.Start || len(m.marks) > 0 && best < m.marks[0].position {
		return nil
	}
	safe := uint64(0)
	for _, k := range m.marks {
		if k.position <= best {
			safe = max(safe, k.writes)
		}
	}
	risk := writes - min(safe, writes)
	return &risk
}
