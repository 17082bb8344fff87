// Package rollout predicts how a configuration comes to regions: when each is reconciled next, which have a commit first, and which wait
// for those.
package rollout

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// After is about when a region is reconciled next: at any time within an interval alike. False where nobody does that.
func After(s *drill.State, region string) (time.Duration, bool) {
	how, r := s.Fleet.Config, s.Config.Region(region)
	switch {
	case how == nil || how.Mode == topology.ConfigManual || !topology.Governs(s.Fleet, region):
		return 0, false
	case how.Mode == topology.ConfigHub && attribution.Stopped(s, s.Fleet.Hub.Name), s.Config != nil && s.Config.Suspended != nil, r != nil && r.Away != nil, attribution.Stopped(s, region):
		return 0, false
	}
	return how.Every / 2, true
}

// Reached is the regions that a commit reaches: those of the first wave, and those of later waves, which a gate may hold. Neither has
// one that is not reconciled now.
func Reached(s *drill.State, only string) (first, later []string) {
	for i, wave := range Waves(s, only) {
		if i == 0 {
			first = wave
		} else {
			later = append(later, wave...)
		}
	}
	if only != "" && len(first) == 0 { // another region's commit passes the first wave by
		return later, nil
	}
	return first, later
}

// Waves is the regions that a commit reaches, wave after wave, without those that are not reconciled now: in one region, or where that
// is "" in all. A wave may be empty.
func Waves(s *drill.State, only string) (waves [][]string) {
	if s.Config == nil || s.Fleet.Config == nil {
		return nil
	}
	var governed []string
	for _, r := range s.Fleet.RegionNames() {
		if topology.Governs(s.Fleet, r) {
			governed = append(governed, r)
		}
	}
	for _, wave := range (config.Rollout{Regions: governed, Waves: s.Fleet.Config.Waves}).InWaves() {
		var reached []string
		for _, region := range wave {
			if _, comes := After(s, region); comes && (only == "" || region == only) {
				reached = append(reached, region)
			}
		}
		waves = append(waves, reached)
	}
	return waves
}

// lookedAt is how often a gate is looked at while a wave waits, and how often whether a region runs what it was given.
const lookedAt = 250 * time.Millisecond

// Schedule is about when each region has a commit, wave after wave: those of one have it together, once the repository was looked at, and
// the next once the gate was passed for long enough. held says why a gate does not let more regions have it, "" where it does; it is asked
// of what stands by then. A region that is held is in no schedule.
func Schedule(s *drill.State, only string, held func(at map[string]time.Duration) string) (at map[string]time.Duration, why string) {
	at = map[string]time.Duration{}
	next := s.Fleet.Config.Every / 2
	for _, wave := range Waves(s, only) {
		if len(wave) == 0 {
			continue
		}
		if len(at) > 0 {
			if why = held(at); why != "" {
				return at, why
			}
			next += 2 * lookedAt
			if gate := s.Fleet.Config.Gate; gate != nil {
				next += gate.For
			}
		}
		for _, region := range wave {
			at[region] = next
		}
	}
	return at, ""
}

// Last is about when the last of n regions is reconciled, each at any time within an interval.
func Last(n int, how *topology.Config) time.Duration {
	if how == nil || n == 0 {
		return 0
	}
	return how.Every * time.Duration(n) / time.Duration(n+1)
}

// Lines say which regions a commit reaches, and when the others have it; hurts says that users of the first are predicted to be hurt.
func Lines(s *drill.State, first, later []string, hurts bool) (lines []string) {
	how := s.Fleet.Config
	switch {
	case how.Mode == topology.ConfigManual:
		return []string{"no region gets it by itself: the fleet is in manual mode"}
	case len(first) == 0:
		return []string{"no region gets it now: nobody reconciles them"}
	case len(later) == 0:
		return []string{fmt.Sprintf("%s within %s", format.And(first)+format.Either(len(first) == 1, " has it", " have it"), format.Span(how.Every))}
	}
	lines = append(lines, fmt.Sprintf("%s first, within %s", format.And(first), format.Span(how.Every)))
	switch rest := format.And(later); {
	case how.Gate == nil:
		lines = append(lines, rest+" once it works there")
	case hurts:
		lines = append(lines, fmt.Sprintf("the gate holds it before %s: it asks for %s of requests answered", rest, format.Percent(how.Gate.Success)))
	default:
		lines = append(lines, fmt.Sprintf("%s once %s of requests are answered there for %s", rest, format.Percent(how.Gate.Success), format.Span(how.Gate.For)))
	}
	return lines
}

// RevertLines say what taking the newest commit back does: which regions have it, and how soon they have what was before.
func RevertLines(s *drill.State) []string {
	if s.Config == nil || s.Config.Head.Hash == "" {
		return nil
	}
	var have, alone []string
	for _, r := range s.Config.Regions {
		switch _, comes := After(s, r.Name); {
		case r.Applied != s.Config.Head.Hash:
		case comes:
			have = append(have, r.Name)
		default:
			alone = append(alone, r.Name)
		}
	}
	var lines []string
	if len(have) > 0 {
		within := s.Fleet.Config.Every
		text := fmt.Sprintf("%s %s what was before within %s", format.And(have), format.Either(len(have) == 1, "has", "have"), format.Span(within))
		if len(s.Fleet.Config.Waves) > 1 {
			text += ", wave after wave"
			if g := s.Fleet.Config.Gate; g != nil && len(have) > 1 {
				text += fmt.Sprintf(": a later one not before those before it answered %s of requests for %s", format.Percent(g.Success), format.Span(g.For))
			}
		}
		lines = append(lines, text)
	}
	if len(alone) > 0 {
		lines = append(lines, strings.Join(alone, ", ")+format.Either(len(alone) == 1, " keeps", " keep")+" it: nobody reconciles there now")
	}
	if len(have)+len(alone) == 0 {
		lines = append(lines, "no region has it: only the repository changes")
	}
	return lines
}

// Replicas is the number of web replicas that fields want; else those that there are.
func Replicas(fields []config.Field, are int) int {
	for _, f := range fields {
		if f.String() == config.Replicas().String() {
			if n, err := strconv.Atoi(f.Wanted); err == nil {
				return n
			}
		}
	}
	return are
}

// Secret is the one whose credentials fields want a region's web tier to write with; else the one that it has.
func Secret(fields []config.Field, has string) string {
	for _, f := range fields {
		if f.String() == config.Credentials().String() && f.Wanted != "" {
			return f.Wanted
		}
	}
	return has
}

// Capacity is what each web replica takes by fields; nil where they don't say.
func Capacity(fields []config.Field) *float64 {
	for _, f := range fields {
		if f.String() == config.Variable(config.EnvCapacity).String() {
			if each, err := strconv.ParseFloat(f.Wanted, 64); err == nil {
				return &each
			}
		}
	}
	return nil
}

// UsersOf is the share of all users whom the router sends to some regions now.
func UsersOf(s *drill.State, regions []string) float64 {
	there, all := 0.0, 0.0
	for _, p := range s.Populations {
		all += float64(p.Spec.Count)
		for _, region := range regions {
			there += float64(p.Spec.Count) * measure.ShareServedBy(p, region)
		}
	}
	if all == 0 {
		return 0
	}
	return there / all
}
