package drill

// Endpoints are the two ends of a partition that a command names, and whether only what
// goes from the first to the second is meant.
func (c Command) Endpoints() (a, b string, oneWay bool) {
	if c.Between[0] != "" {
		return c.Between[0], c.Between[1], false
	}
	return c.From, c.To, true
}

// separates reports whether a partition keeps two places from talking: one way
// is enough, since an answer is as good as lost.
func (c Command) separates(x, y string) bool {
	a, b, _ := c.Endpoints()
	is := func(place, end, other string) bool { return place == end || end == EndOthers && place != other }
	return is(x, a, b) && is(y, b, a) || is(y, a, b) && is(x, b, a)
}

// Heal is the command that mends a partition.
func (f *Fault) Heal(by string) Command {
	c := Command{Verb: VerbHeal, By: by}
	if f.OneWay {
		c.From, c.To = f.Between[0], f.Between[1]
	} else {
		c.Between = [2]string(f.Between)
	}
	return c
}

// SameCut reports whether a command is about a partition: which end is named first
// means something only where it goes one way.
func (f *Fault) SameCut(c Command) bool {
	a, b, oneWay := c.Endpoints()
	x, y, way := f.Heal("").Endpoints()
	return oneWay == way && (a == x && b == y || !oneWay && a == y && b == x)
}

// separates reports whether a fault is a partition that keeps two places from talking.
func (f *Fault) separates(x, y string) bool { return f.partition() && f.Heal("").separates(x, y) }

func (f *Fault) partition() bool { return f.Fault == FaultPartition && len(f.Between) == 2 }

// Partitions is every partition that holds, in the order of their proofs.
func (s *State) Partitions() (open []*Fault) {
	for _, f := range s.Faults {
		if f.partition() && f.Lifted == nil {
			open = append(open, f)
		}
	}
	return open
}
