package drill

import (
	"fmt"
	"time"
)

// Impact is what a destructive command is expected to break, from what was
// last measured. It is a prediction and is shown as one.
type Impact struct {
	// Users is the share of each population whose requests the region answered in
	// the last sample, or who write to a dataset that would lose its authority.
	Users map[string]float64 `json:"users"`
	// Share is the same over all users, weighted by their number.
	Share float64 `json:"share"`
	// WritesAtRisk is, per dataset that has its authority there, the
	// acknowledged writes stored nowhere else; nil when that is unknown.
	WritesAtRisk map[string]*uint64 `json:"writes_at_risk"`
	// RTO is detection, the rest of the lease and the DNS TTL as configured: a model.
	RTO time.Duration `json:"rto"`
	// LastCopy names the datasets of which no other healthy replica would be left.
	LastCopy []string `json:"last_copy,omitempty"`
	// Waits says, per dataset whose writes would wait until the region is back or an
	// operator gives its mode's promise up, what its mode would lack.
	Waits map[string]string `json:"waits,omitempty"`
	// Lines say the same to a person.
	Lines []string `json:"lines"`
}

// Predict says what a kill, freeze, cordon or partition would break, from the state
// as it is. Of other commands nothing is predicted by number.
func Predict(s *State, c Command) Impact {
	p := Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	switch c.Verb {
	case VerbKill, VerbFreeze, VerbCordon, VerbPartition:
	default:
		return p
	}
	outlooks := map[string]outlook{}
	for _, d := range s.Datasets {
		o := s.outlook(d, c)
		outlooks[d.Name] = o
		if o.waits != "" {
			if p.Waits == nil {
				p.Waits = map[string]string{}
			}
			p.Waits[d.Name] = o.waits
		}
		if o.moves {
			p.WritesAtRisk[d.Name] = d.AtRisk
			p.RTO = s.modelRTO()
			if c.Verb == VerbCordon {
				p.RTO = 0 // moved first
			}
		}
		if o.last {
			p.LastCopy = append(p.LastCopy, d.Name)
		}
	}
	users, hurt := 0, 0.0
	for _, pop := range s.Populations {
		share := s.predictedHurt(pop, c, outlooks)
		p.Users[pop.Spec.Name] = share
		users += pop.Spec.Count
		hurt += share * float64(pop.Spec.Count)
	}
	if users > 0 {
		p.Share = hurt / float64(users)
	}
	p.Lines = predictionLines(s, c, p)
	return p
}

// modelRTO is detection as the probes are configured and, with fencing, the lease,
// whichever is over later. A person who decides comes on top, and where nobody writes
// from a region that is left, what the DNS TTL has left to run.
func (s *State) modelRTO() time.Duration {
	probe := s.Fleet.Routing.Probe
	detect := time.Duration(probe.DownAfter-1)*probe.Every + probe.Timeout
	if !s.Fleet.Failover.Fence {
		return detect
	}
	return max(detect, s.Fleet.Failover.Lease)
}

// predictedHurt is the share of a population's requests, by the regions that
// answer them now, that are predicted to be hurt: all that a lost region answers,
// and elsewhere those that write to what they don't reach or can't be acknowledged.
func (s *State) predictedHurt(pop *PopulationState, c Command, outlooks map[string]outlook) float64 {
	share := 0.0
	all := s.Fleet.DatasetsOf(pop.Spec)
	for _, region := range s.Regions {
		name := region.Spec.Name
		served := pop.ShareServedBy(name)
		switch {
		case name == c.Region && c.Verb == VerbCordon:
			// Drained before anything stops: it writes from somewhere else by then.
		case name == c.Region:
			share += served
			continue
		}
		for _, d := range all {
			if outlooks[d].stops(name) {
				share += served * pop.Spec.Writes / float64(len(all))
			}
		}
	}
	return share
}

func predictionLines(s *State, c Command, p Impact) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > 0.005 {
			line := fmt.Sprintf("~%.0f %% of %s's users", share*100, pop.Spec.Name)
			if c.Region != "" {
				line += fmt.Sprintf(" (%s now answers %.0f %% of them)", c.Region, pop.ShareServedBy(c.Region)*100)
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "no user is predicted to be hurt")
	}
	for _, d := range s.Datasets {
		if risk, moves := p.WritesAtRisk[d.Name]; moves {
			lines = append(lines, s.moveLine(c, d, risk, p.RTO))
		}
		if why := p.Waits[d.Name]; why != "" {
			lines = append(lines, fmt.Sprintf("writes of %s would wait: %s", d.Name, why))
		}
	}
	for _, name := range p.LastCopy {
		lines = append(lines, fmt.Sprintf("this is the last copy of %s that answers", name))
	}
	return lines
}

// moveLine says what losing or moving its authority does to a dataset.
func (s *State) moveLine(c Command, d *DatasetState, risk *uint64, rto time.Duration) string {
	if c.Verb == VerbCordon {
		return fmt.Sprintf("authority of %s is moved first, nothing lost", d.Name)
	}
	line := fmt.Sprintf("%s loses its authority; ", d.Name)
	if risk == nil {
		line += "writes at risk unknown"
	} else {
		line += fmt.Sprintf("%d writes at risk now", *risk)
	}
	line += fmt.Sprintf(", RTO ~%s", rto.Round(100*time.Millisecond))
	if s.Fleet.Failover.Decide == "operator" {
		line += " and a person's time to decide"
	}
	if c.Verb == VerbPartition && !s.Fleet.Failover.Fence {
		line += "; with fencing off it goes on beside the new one: split brain"
	}
	return line
}
