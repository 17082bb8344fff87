package frames

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Board is where frames are shown: the cells by their places, each of which has a text in every frame.
type Board struct {
	Clock, Affected, Phase int
	Tables                 []Table
	Map                    *Map // nil of a fleet with more regions than a map has room for

	cells []func(*drill.State) string
}

// Table is cells in rows; the first column is names.
type Table struct {
	Title string
	Head  []string
	Rows  []Row
}

// Row is a name and the places of its cells.
type Row struct {
	Name  string
	Cells []int
}

func (b *Board) cell(text func(*drill.State) string) int {
	b.cells = append(b.cells, text)
	return len(b.cells) - 1
}

// boardOf is the board of a drill by its last state, which knows every region, population and dataset.
func boardOf(end *drill.State) Board {
	b := Board{}
	b.Clock = b.cell(func(s *drill.State) string { return format.Clock(s.Now - format.Origin(end)) })
	b.Phase = b.cell(func(s *drill.State) string { return format.Phase(s.Phase) })
	b.Affected = b.cell(affected)
	regions := Table{Title: "Regions", Head: []string{"region", "is", "answers, of all", "web replicas"}}
	for _, r := range end.Regions {
		name := r.Spec.Name
		regions.Rows = append(regions.Rows, Row{name, []int{
			b.cell(ofRegion(name, func(s *drill.State, r *drill.RegionState) string { return condition.Of(s, r).Words[0] })),
			b.cell(ofRegion(name, func(s *drill.State, r *drill.RegionState) string { return shareOf(s, r) })),
			b.cell(ofRegion(name, func(_ *drill.State, r *drill.RegionState) string { return condition.Web(r) })),
		}})
	}
	users := Table{Title: "Users", Head: []string{"population", "sent to", "answered/s", "failed/s", "typical, slowest 1 %"}}
	for _, p := range end.Populations {
		name := p.Spec.Name
		users.Rows = append(users.Rows, Row{name, []int{
			b.cell(ofPopulation(name, sentTo)),
			b.cell(ofPopulation(name, func(p *drill.PopulationState) string { ok, _ := rates(p); return ok })),
			b.cell(ofPopulation(name, func(p *drill.PopulationState) string { _, failed := rates(p); return failed })),
			b.cell(ofPopulation(name, latency)),
		}})
	}
	b.Tables = []Table{regions, users}
	for _, d := range end.Datasets {
		b.Tables = append(b.Tables, b.dataset(d))
	}
	b.Map = mapOf(end, &b)
	return b
}

// dataset is who has what of a dataset.
func (b *Board) dataset(d *drill.DatasetState) Table {
	name := d.Name
	t := Table{Title: "Data: " + name, Head: []string{"", "leader, stored nowhere else yet", "term"}}
	t.Rows = append(t.Rows, Row{"leads", []int{
		b.cell(ofDataset(name, func(d *drill.DatasetState) string {
			if d.Authority == "" {
				return "nobody"
			}
			risk := format.Unknown
			if d.AtRisk != nil {
				risk = format.Plural(*d.AtRisk, "write", "writes")
			}
			return d.Authority + ", " + risk
		})),
		b.cell(ofDataset(name, func(d *drill.DatasetState) string { return format.Term(d.Epoch) })),
	}})
	for _, region := range d.Spec.Regions {
		t.Rows = append(t.Rows, Row{region, []int{
			b.cell(ofDataset(name, func(d *drill.DatasetState) string { return stored(d, region) })),
			b.cell(ofDataset(name, func(d *drill.DatasetState) string {
				if r := d.Replicas[region]; r != nil && !r.Stale {
					return format.Term(r.Epoch)
				}
				return format.Unknown
			})),
		}})
	}
	return t
}

func affected(s *drill.State) string {
	a := measure.AffectedNow(s)
	if !a.Known {
		return format.Unknown
	}
	return fmt.Sprintf("%s, %s of %s who asked lately", format.Percent(a.Share), format.Count(a.Affected), format.Count(a.Asked))
}

func stored(d *drill.DatasetState, region string) string {
	r := d.Replicas[region]
	switch {
	case r == nil || r.Stale:
		return format.Unknown
	case r.LagWrites != nil && *r.LagWrites > 0:
		return format.Plural(r.Entries, "write stored", "writes stored") + ", " + format.Count(*r.LagWrites) + " behind"
	}
	return format.Plural(r.Entries, "write stored", "writes stored")
}

// shareOf is which share of all answers came from a region in the last sample; unknown before the first.
func shareOf(s *drill.State, r *drill.RegionState) string {
	if s.SampledAt == 0 {
		return format.Unknown
	}
	return format.Percent(r.Share)
}

func sentTo(p *drill.PopulationState) string {
	switch {
	case p.Refused != "":
		return "nowhere: " + p.Refused
	case len(p.Shares) > 0:
		return format.Shares(p.Shares)
	case p.Region == "":
		return "nowhere"
	}
	return p.Region
}

// rates is what the last second had of a population's requests.
func rates(p *drill.PopulationState) (ok, failed string) {
	if n := len(p.Series.Points); n > 0 {
		if answered, lost, known := p.Series.Points[n-1].PerSecond(); known {
			return fmt.Sprintf("%.0f", answered), fmt.Sprintf("%.0f", lost)
		}
	}
	return format.Unknown, format.Unknown
}

func latency(p *drill.PopulationState) string {
	if p.Last == nil {
		return format.Unknown
	}
	slowest := measure.P99(p.Last.P99, p.Last.LatencyN)
	return format.Millis(p.Last.P50) + ", " + format.Millis(slowest)
}

func ofRegion(name string, text func(*drill.State, *drill.RegionState) string) func(*drill.State) string {
	return func(s *drill.State) string {
		if r := s.Region(name); r != nil {
			return text(s, r)
		}
		return format.Unknown
	}
}

func ofPopulation(name string, text func(*drill.PopulationState) string) func(*drill.State) string {
	return func(s *drill.State) string {
		if p := s.Population(name); p != nil {
			return text(p)
		}
		return format.Unknown
	}
}

func ofDataset(name string, text func(*drill.DatasetState) string) func(*drill.State) string {
	return func(s *drill.State) string {
		if d := s.Dataset(name); d != nil {
			return text(d)
		}
		return format.Unknown
	}
}
