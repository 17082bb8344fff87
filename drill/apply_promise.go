package drill

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// applyPromise takes in what became of a dataset's promises.
func (s *State) applyPromise(b Body) {
	switch b := b.(type) {
	case ModeChanged:
		d := s.Dataset(b.Dataset)
		if d == nil {
			return
		}
		d.Modes = append(d.Modes, b)
		d.Spec.Mode, d.Spec.With = b.Now.Mode, b.Now.With
		why := ""
		if b.Why != "" {
			why = " · " + b.Why
		}
		s.line("data", "%s is %s now, it was %s (%s)%s", b.Dataset, b.Now, b.Was, b.Took.Round(time.Millisecond), why)
	case WritesWaiting:
		d := s.Dataset(b.Dataset)
		if d == nil {
			return
		}
		if len(b.For) == 0 {
			d.Waiting = nil
			s.line("data", "%s: writes wait no longer", b.Dataset)
			return
		}
		if d.Waiting == nil {
			if d.WaitingSince = b.Since; b.Since == 0 {
				d.WaitingSince = s.Now // a journal of before it was told
			}
		}
		d.Waiting = &b
		s.line("data", "%s: writes wait for %s, as %s asks", b.Dataset, strings.Join(b.For, ", "), b.Mode)
	case SplitBrain:
		s.splitBrain(b)
	}
}

func (s *State) splitBrain(b SplitBrain) {
	d := s.Dataset(b.Dataset)
	if d == nil {
		return
	}
	i := slices.IndexFunc(d.Splits, func(known *SplitBrain) bool { return known.OldEpoch == b.OldEpoch && known.NewEpoch == b.NewEpoch })
	switch {
	case i < 0:
		tails := map[string][]string{}
		maps.Copy(tails, b.Tails)
		b.Tails = tails
		d.Splits = append(d.Splits, &b)
		s.line("error", "SPLIT BRAIN of %s: %s still acknowledges in epoch %d beside %s in epoch %d", b.Dataset, b.Old, b.OldEpoch, b.New, b.NewEpoch)
	default:
		known := d.Splits[i]
		for region, ids := range b.Tails {
			known.Tails[region] = slices.Concat(known.Tails[region], ids)
		}
		known.Over = b.Over
		b = *known
	}
	if b.Over {
		s.line("data", "split brain of %s is over: %d writes acknowledged by %s, %d by %s meanwhile",
			b.Dataset, len(b.Tails[b.Old]), b.Old, len(b.Tails[b.New]), b.New)
	}
}
