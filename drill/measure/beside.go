package measure

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Beside is a command whose users may be among those that another one is said to have affected: each
// is counted from its fault to its recovery, and these two overlap. Earlier says that it was not over
// when the other one began; else it began before that was over.
type Beside struct {
	Command int
	Earlier bool
}

// HarmBeside is the commands whose harm may be in that of one (AffectedBy), in the order in which they
// took effect. What was predicted of it can't be held against what was measured then. One that
// affected nobody is not among them, and a journal of before does not say when commands were over.
func HarmBeside(s *drill.State, command int) (all []Beside) {
	own, found := harmWindow(s, command)
	if !found || own.affected == 0 {
		return nil
	}
	seen := map[int]bool{command: true}
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		for _, i := range p.Last.Impacts {
			other, found := harmWindow(s, i.Command)
			if seen[i.Command] || !found || other.affected == 0 {
				continue
			}
			seen[i.Command] = true
			if other.from < own.until && own.from < other.until {
				all = append(all, Beside{Command: i.Command, Earlier: other.from <= own.from})
			}
		}
	}
	return all
}

// harm is when a command's harm is counted, and how many users it affected.
type harm struct {
	from, until time.Duration
	affected    int
}

func harmWindow(s *drill.State, command int) (h harm, found bool) {
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		for _, i := range p.Last.Impacts {
			if i.Command != command || i.From == 0 {
				continue
			}
			h.from, h.until, found = i.From, i.Until, true
			if i.Until == 0 {
				h.until = math.MaxInt64
			}
			h.affected += i.Affected
		}
	}
	return h, found
}
