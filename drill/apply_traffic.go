package drill

import "time"

func (s *State) applyTraffic(b Body) {
	switch b := b.(type) {
	case TrafficSampled:
		s.trafficSampled(b)
	case Rerouted:
		if p := s.Population(b.Population); p != nil {
			p.Region = b.To
		}
		switch {
		case b.To == "":
			s.line("fault", "no region can serve %s: %s", b.Population, b.Why)
		case b.From == "":
			s.line("traffic", "%s served by %s", b.Population, b.To)
		default:
			s.line("traffic", "%s served by %s instead of %s: %s", b.Population, b.To, b.From, b.Why)
		}
	case Recovered:
		s.Recoveries = append(s.Recoveries, b)
		s.line("traffic", "recovered: requests succeed as in the steady check since %s", b.Since.Round(10*time.Millisecond))
	}
}

func (s *State) trafficSampled(b TrafficSampled) {
	byRegion, total := map[string]int{}, 0
	point := TrafficPoint{T: s.Now}
	for i := range b.Populations {
		sample := b.Populations[i]
		p := s.Population(sample.Population)
		if p == nil {
			continue
		}
		p.Last = &sample
		p.History = keepLast(append(p.History, sample), HistoryLimit)
		for region, n := range sample.ServedBy {
			byRegion[region] += n
			total += n
		}
		if seconds := b.Window.Seconds(); seconds > 0 {
			point.OK += float64(sample.OK) / seconds
			point.Failed += float64(sample.Failed) / seconds
		}
	}
	for _, r := range s.Regions {
		r.Share = 0
		if total > 0 {
			r.Share = float64(byRegion[r.Spec.Name]) / float64(total)
		}
	}
	s.Traffic = keepLast(append(s.Traffic, point), HistoryLimit)
}
