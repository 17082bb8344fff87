package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Rollout is the rule by which a new revision reaches the regions: wave after wave, each once the ones before it have it and have
// been well for a while. Without waves all regions have it at once. A region that no wave names comes last.
type Rollout struct {
	Regions []string
	Waves   [][]string
	// Success is the share of requests that the regions of a wave must answer, from 0 to 1, For how long until the next one.
	Success float64
	For     time.Duration
}

// Seen is a region at one moment.
type Seen struct {
	Applied string // the revision that it has whole; "" none
	Why     string // why it is not well: it failed to take its revision, or does not work; "" is well
	// Success is the share of requests that it answered lately; nil where nobody asked, and then it is judged by its health alone.
	Success *float64
}

// Memory is how far a rollout is.
type Memory struct {
	Head    string            // the newest revision
	Targets map[string]string // what each region is to have
	Wave    int               // the last wave of Head that was let through, from 0
	// Good is since when the waves so far have been well; nil while they are not.
	Good *time.Duration
	Held string // why the next wave waits; "" where nothing holds it
}

// Step is what follows: regions are to have another revision, or the next wave is held.
type Step struct {
	Revision string
	Wave     int      // from 0
	Release  []string // regions that are to have it from now on; nil where the wave before is held
	Held     string   // why
}

// InWaves is all waves, with those regions last that none names.
func (r Rollout) InWaves() [][]string {
	if len(r.Waves) == 0 {
		return [][]string{r.Regions}
	}
	rest := slices.DeleteFunc(slices.Clone(r.Regions), func(g string) bool {
		return slices.ContainsFunc(r.Waves, func(w []string) bool { return slices.Contains(w, g) })
	})
	if len(rest) == 0 {
		return r.Waves
	}
	return append(slices.Clone(r.Waves), rest)
}

// Decide says what a look at the fleet leads to. head is the newest revision, "" where the repository could not be read: then
// nothing new is let through. The first revision of all is for every region at once: there is nothing that it could break.
func Decide(now time.Duration, r Rollout, m Memory, head string, seen map[string]Seen) (Memory, []Step) {
	m.Targets = maps.Clone(m.Targets)
	if m.Targets == nil {
		m.Targets = map[string]string{}
	}
	waves := r.InWaves()
	var steps []Step
	release := func(wave int) {
		m.Wave, m.Good, m.Held = wave, nil, ""
		s := Step{Revision: m.Head, Wave: wave, Release: waves[wave]}
		for _, region := range s.Release {
			m.Targets[region] = m.Head
		}
		steps = append(steps, s)
	}
	switch {
	case head != "" && m.Head == "":
		m.Head = head
		for wave := range waves {
			release(wave)
		}
	case head != "" && head != m.Head:
		m.Head = head
		release(0)
	}
	if m.Head == "" || m.Wave == len(waves)-1 {
		return m, steps
	}
	switch ready, why := r.well(waves[:m.Wave+1], m.Head, seen); {
	case why != "":
		if m.Good = nil; m.Held == "" { // once: how bad it is changes from look to look
			steps = append(steps, Step{Revision: m.Head, Wave: m.Wave + 1, Held: why})
		}
		m.Held = why
		return m, steps
	case !ready:
		m.Good = nil
		return m, steps
	}
	if m.Good == nil {
		m.Good, m.Held = &now, ""
	}
	if now-*m.Good >= r.For {
		release(m.Wave + 1)
	}
	return m, steps
}

// well reports whether all regions of waves have a revision, and why one that has it, or can't take it, is not well; "" where all are.
func (r Rollout) well(waves [][]string, revision string, seen map[string]Seen) (ready bool, unwell string) {
	var why []string
	ready = true
	for _, region := range slices.Concat(waves...) {
		switch s, known := seen[region]; {
		case !known:
			ready = false
		case s.Why != "":
			why = append(why, region+": "+s.Why)
		case s.Applied != revision:
			ready = false
		case s.Success != nil && *s.Success < r.Success:
			why = append(why, fmt.Sprintf("%s answers %.4g %% of requests, the gate asks for %.4g %%", region, floor(*s.Success*100), r.Success*100))
		}
	}
	return ready, strings.Join(why, "; ")
}

// floor has no share look better than it is.
func floor(percent float64) float64 { return float64(int(percent*10)) / 10 }
