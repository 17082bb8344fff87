package gitops

import (
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Rollout is how a commit that came after the fleet's first one reached its regions.
type Rollout struct {
	*config.CommitAt
	// Command is the command of this drill that made it; nil of one that somebody made with git.
	Command *drill.CommandState
	Waves   []Wave
	// Had is how long after it was made each region had it whole, in the fleet's order.
	Had []Had
}

// Had is how long a region waited for a commit; After is nil where it never had it.
type Had struct {
	Region string
	After  *time.Duration
}

// Wave is one wave of a rollout: from 0, of the regions that it is for.
type Wave struct {
	Number  int
	Regions []string
	// Released is how long after the commit the wave was let through; nil where it was not.
	Released *time.Duration
	Held     string // why it waited last; "" where nothing held it
	// Users is whom the commit affected of those whom the router sent to the wave's regions when it was made; not known of a commit
	// that no command made, whose users nobody counts.
	Users measure.Affected
}

// Rollouts is every commit but the first, which is the fleet's bring-up, in their order.
func Rollouts(s *drill.State) (out []Rollout) {
	if s.Config == nil || len(s.Config.Commits) == 0 {
		return nil
	}
	for _, c := range s.Config.Commits[1:] {
		r := Rollout{CommitAt: c, Command: madeBy(s, c)}
		var released []string // regions of waves that were let through
		for _, w := range c.Waves {
			after := w.At - c.At
			r.Waves = append(r.Waves, wave(s, r, w.Wave, w.Regions, &after))
			released = append(released, w.Regions...)
		}
		for n, regions := range waiting(s, c, released) {
			r.Waves = append(r.Waves, wave(s, r, len(c.Waves)+n, regions, nil))
		}
		for _, region := range governed(s) {
			r.Had = append(r.Had, Had{Region: region.Name, After: had(c, region.Name)})
		}
		out = append(out, r)
	}
	return out
}

// servedAt is where the router sent each population, by name, when a commit was told of: whose users its waves could hurt.
func servedAt(s *drill.State, revision string) map[string]string {
	served := map[string]string{}
	for _, e := range s.Timeline {
		switch b := e.Body.(type) {
		case drill.Rerouted:
			served[b.Population] = b.To
		case drill.Configured:
			if c, is := b.News.(config.Committed); is && c.Revision.Hash == revision {
				return served
			}
		}
	}
	return served
}

// had is how long a region waited for a commit; nil where it does not have it.
func had(c *config.CommitAt, region string) *time.Duration {
	at, has := c.Applied[region]
	if !has {
		return nil
	}
	return longer(nil, &c.At, &at)
}

// waiting is the waves of a commit that can be given to regions and was not let through to them.
func waiting(s *drill.State, c *config.CommitAt, released []string) (waves [][]string) {
	if c.Bad != "" || s.Fleet.Config == nil {
		return nil
	}
	var names []string
	for _, r := range governed(s) {
		names = append(names, r.Name)
	}
	for _, w := range (config.Rollout{Regions: names, Waves: s.Fleet.Config.Waves}).InWaves() {
		if !slices.ContainsFunc(w, func(region string) bool { return slices.Contains(released, region) }) {
			waves = append(waves, w)
		}
	}
	return waves
}

func wave(s *drill.State, r Rollout, number int, regions []string, released *time.Duration) Wave {
	w := Wave{Number: number, Regions: regions, Released: released}
	for _, h := range r.Holds {
		if h.Wave == number {
			w.Held = h.Why
		}
	}
	if r.Command == nil {
		return w
	}
	w.Users.Command = r.Command.ID
	for population, region := range servedAt(s, r.Revision.Hash) {
		if slices.Contains(regions, region) {
			w.Users.Plus(measure.AffectedBy(s, r.Command.ID, population))
		}
	}
	return w
}

// madeBy is the command that made a commit, by what proved it; nil where none did, or it is not done yet.
func madeBy(s *drill.State, c *config.CommitAt) *drill.CommandState {
	if c.Made == nil {
		return nil
	}
	for _, by := range s.Commands {
		if by.Began <= *c.Made && by.Ended != nil && *c.Made <= *by.Ended && strings.Contains(by.Proof, config.Short(c.Revision.Hash)) {
			return by
		}
	}
	return nil
}
