package drill

import (
	"fmt"
	"time"
)

// Prediction is what a destructive command is expected to break, from what was
// last measured. It is a prediction and is shown as one.
type Prediction struct {
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
	// Lines say the same to a person.
	Lines []string `json:"lines"`
}

// Predict says what a kill, freeze or cordon of a region would break, from the
// state as it is. Other commands break nothing and give a zero Prediction.
func Predict(s *State, c Command) Prediction {
	p := Prediction{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	if !c.Verb.Destructive() {
		return p
	}
	moved := map[string]bool{} // datasets that would lose their authority
	for _, d := range s.Datasets {
		if d.Authority != c.Region {
			continue
		}
		moved[d.Name] = true
		p.WritesAtRisk[d.Name] = d.AtRisk
		others := 0
		for name := range d.Replicas {
			if r := s.Region(name); name != c.Region && r != nil && r.Health.Serves() {
				others++
			}
		}
		if others == 0 {
			p.LastCopy = append(p.LastCopy, d.Name)
		}
	}
	users, hurt := 0, 0.0
	for _, pop := range s.Populations {
		share := pop.ShareServedBy(c.Region)
		if c.Verb != VerbCordon && len(moved) > 0 {
			// Everybody else is hurt only when writing to what moves.
			share += (1 - share) * pop.Spec.Writes
		}
		if c.Verb == VerbCordon {
			share = 0 // drained and switched over before anything stops
		}
		p.Users[pop.Spec.Name] = share
		users += pop.Spec.Count
		hurt += share * float64(pop.Spec.Count)
	}
	if users > 0 {
		p.Share = hurt / float64(users)
	}
	if c.Verb != VerbCordon && len(moved) > 0 {
		probe := s.Fleet.Routing.Probe
		detect := time.Duration(probe.DownAfter-1)*probe.Every + probe.Timeout
		p.RTO = max(detect, s.Fleet.Failover.Lease)
	}
	p.Lines = predictionLines(s, c, p)
	return p
}

func predictionLines(s *State, c Command, p Prediction) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > 0.005 {
			lines = append(lines, fmt.Sprintf("~%.0f %% of %s's users (%s now answers %.0f %% of them)",
				share*100, pop.Spec.Name, c.Region, pop.ShareServedBy(c.Region)*100))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "no user is predicted to be hurt")
	}
	for _, d := range s.Datasets {
		if d.Authority != c.Region {
			continue
		}
		switch {
		case c.Verb == VerbCordon:
			lines = append(lines, fmt.Sprintf("authority of %s is moved first, nothing lost", d.Name))
		case d.AtRisk == nil:
			lines = append(lines, fmt.Sprintf("%s loses its authority; writes at risk unknown", d.Name))
		default:
			lines = append(lines, fmt.Sprintf("%s loses its authority; %d writes at risk now, RTO ~%s", d.Name, *d.AtRisk, p.RTO.Round(100*time.Millisecond)))
		}
	}
	for _, name := range p.LastCopy {
		lines = append(lines, fmt.Sprintf("this is the last copy of %s that answers", name))
	}
	return lines
}
