package comparison

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/cost"
	"github.com/fleetdrill/fleetdrill/drill/measure/domain"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
)

// number is one kind of row.
type number struct {
	key, what string
	// before stands between what and the name that a row is of.
	before string
	unit   Unit
	of     func(s *drill.State, name string) Cell
	// per is the names that it has a row of each; nil is one row of all.
	per func(*drill.State) []string
	// shown says whether there is anything to show; nil is always.
	shown func([]Run, Row) bool
	// best is what the run with the least of it did, as a sentence goes on: "hurt the fewest users"; %s is
	// the name. "" has no best.
	best string
	// speaks is what that speaks for: "blast radius".
	speaks string
}

// numbers is every row, in their order: a row more is an entry here.
var numbers = []number{
	{key: "began", what: "began", unit: Moment, of: began, shown: ofOneFleet},
	{key: "verdict", what: "verdict", unit: Word, of: judged},
	{key: "users_affected", what: "users affected", unit: Share, of: affected, best: "hurt the fewest users", speaks: "blast radius"},
	{key: "users_affected_of", what: "users affected", before: "in ", unit: Share, of: affectedIn, per: populations, shown: ofSeveral},
	{key: "users_affected_of_domain", what: "users affected", before: "of ", unit: Share, of: affectedOfDomain, per: domains, shown: ofSeveral},
	{key: "recovered", what: "recovered after", unit: Seconds, of: recovered, best: "served all users as before soonest", speaks: "recovery"},
	{key: "served_again", what: "served again after", before: "in ", unit: Seconds, of: servedAgain, per: populations, best: "served %s again soonest", speaks: "recovery"},
	{key: "rto", what: "RTO", before: "of ", unit: Seconds, of: rto, per: datasets, best: "took writes again soonest", speaks: "recovery"},
	{key: "rpo", what: "RPO", before: "of ", unit: Seconds, of: rpo, per: datasets},
	{key: "lost_writes", what: "writes lost", before: "of ", unit: Count, of: lost, per: datasets, best: "lost the fewest confirmed writes", speaks: "data"},
	{key: "split_brains", what: "split brains", unit: Count, of: splitBrains, shown: anyValue},
	{key: "drift_mended", what: "drift by hand put right after", unit: Seconds, of: mended, shown: anyValue, best: "put drift right soonest", speaks: "configuration"},
	{key: "commit_reached", what: "commit in every region after", unit: Seconds, of: reached, shown: anyValue}, // no best: behind a gate, slow is what is wanted
	{key: "requests_failed", what: "requests failed", unit: Share, of: failed},
	{key: "latency", what: "typical answer", before: "in ", unit: Latency, of: latency, per: populations, best: "answered %s soonest", speaks: "distance"},
	{key: "write_latency", what: "typical write", before: "to ", unit: Latency, of: writeLatency, per: datasets, best: "confirmed writes soonest", speaks: "distance"},
	{key: "clusters", what: "clusters", unit: Pieces, of: clusters, best: "needs the fewest clusters", speaks: "cost"},
	{key: "standing_usd", what: "kept ready a month, model", before: "for ", unit: Dollars, of: standing, per: datasets, best: "costs the least to keep ready by the price model", speaks: "cost"},
	{key: "egress", what: "sent between regions", unit: Bytes, of: egress},
	{key: "egress_usd", what: "egress of a million writes, model", unit: Dollars, of: egressCost, best: "costs the least egress by the price model", speaks: "cost"},
}

// told reports whether a cell says something: a value, or why there is none.
func (c Cell) told() bool { return c.Value != nil || c.Text != format.None && c.Text != format.Unknown }

func word(text string) Cell             { return Cell{Text: text} }
func value(v float64, text string) Cell { return Cell{Text: text, Value: &v} }
func latencyOf(d *time.Duration) Cell {
	if d == nil {
		return word(format.Unknown)
	}
	return value(d.Seconds(), format.Span(*d))
}

func span(d measure.Span) Cell {
	if !d.Known {
		return word(format.Unknown)
	}
	c := value(d.D.Seconds(), format.Least(d))
	c.AtLeast = d.AtLeast
	return c
}

func count(n measure.Count) Cell {
	if !n.Known {
		return word(format.Unknown)
	}
	c := value(float64(n.N), format.LeastCount(n))
	c.AtLeast = n.AtLeast
	return c
}

func share(a measure.Affected) Cell {
	if !a.Known {
		return word(format.Unknown)
	}
	return value(a.Share, fmt.Sprintf("%s (%s of %s)", format.Percent(a.Share), format.Count(a.Affected), format.Count(a.Asked)))
}

func began(s *drill.State, _ string) Cell { return word(format.Dated(s.Started, time.DateTime)) }

func judged(s *drill.State, _ string) Cell {
	w, _ := format.Outcome(s)
	return word(w)
}

func affected(s *drill.State, _ string) Cell { return share(measure.BlastRadius(s)) }

func affectedIn(s *drill.State, population string) Cell {
	worst := measure.BlastRadius(s)
	if !worst.Known || worst.Command == 0 {
		return word(format.Unknown)
	}
	return share(measure.AffectedBy(s, worst.Command, population))
}

// domains is the environments, teams and shared clusters of a fleet that have users, as a person says them.
func domains(s *drill.State) (names []string) {
	for _, d := range domain.Affected(s, 0) {
		names = append(names, d.In.String())
	}
	return names
}

func affectedOfDomain(s *drill.State, name string) Cell {
	worst := measure.BlastRadius(s)
	for _, d := range domain.Affected(s, worst.Command) {
		if d.In.String() == name && worst.Known && worst.Command != 0 {
			return share(d.Affected)
		}
	}
	return word(format.Unknown)
}

func recovered(s *drill.State, _ string) Cell {
	if len(s.Faults) == 0 {
		if measure.AffectedEver(s).Affected > 0 { // by a commit, or by what an operator did
			return word("no region was broken")
		}
		return word("nothing was broken")
	}
	if back := measure.Recovery(s); back.Known || measure.AffectedEver(s).Affected > 0 {
		return span(back)
	}
	return word("nobody was hurt")
}

func servedAgain(s *drill.State, population string) Cell {
	c := span(measure.ServedAgainLast(s, population))
	if c.Value != nil && *c.Value == 0 && !c.AtLeast {
		c.Text = "none failed"
	}
	return c
}

// clusters is how many the fleet needs: what stands there whether anybody asks or not.
func clusters(s *drill.State, _ string) Cell {
	n := 0
	for _, r := range s.Fleet.Standing().Regions { // a hub that is in a region shares its cluster
		if s.Fleet.Domain(r.Name)[0] == r.Name {
			n++
		}
	}
	return value(float64(n), format.Count(n))
}

func rto(s *drill.State, dataset string) Cell {
	if len(measure.Moves(s, dataset)) == 0 {
		return word("no leader moved")
	}
	return span(measure.RTO(s, dataset))
}

func rpo(s *drill.State, dataset string) Cell { return span(measure.RPO(s, dataset)) }

func lost(s *drill.State, dataset string) Cell { return count(measure.Lost(s, dataset)) }

func splitBrains(s *drill.State, _ string) Cell { return count(measure.SplitBrains(s)) }

func mended(s *drill.State, _ string) Cell { return span(gitops.Mended(s)) }

func reached(s *drill.State, _ string) Cell { return span(gitops.Reached(s)) }

func failed(s *drill.State, _ string) Cell {
	r := measure.RequestsOf(s)
	if !r.Known || r.Requests == 0 {
		return word(format.Unknown)
	}
	return value(float64(r.Failed)/float64(r.Requests), fmt.Sprintf("%s of %s", format.Count(r.Failed), format.Count(r.Requests)))
}

// latency is the median of a population's answered requests, over the whole drill.
func latency(s *drill.State, population string) Cell {
	for _, p := range s.Populations {
		if p.Last != nil && (population == "" || p.Spec.Name == population) {
			return latencyOf(p.Last.TotalP50)
		}
	}
	return word(format.Unknown)
}

// writeLatency is the median of the population whose confirmed writes to a dataset typically took longest.
func writeLatency(s *drill.State, dataset string) Cell {
	if dataset == "" && len(s.Datasets) == 1 {
		dataset = s.Datasets[0].Name
	}
	slowest, known := measure.FarthestWrites(s, dataset)
	if !known {
		return word(format.Unknown)
	}
	c := latencyOf(slowest.P50)
	c.Text += ", " + slowest.Population
	return c
}

// standing is what stands ready for a dataset beside the region that led it first.
func standing(s *drill.State, dataset string) Cell {
	for _, d := range s.Datasets {
		if c := cost.StandingOf(s, d); (dataset == "" || d.Name == dataset) && c.USD != nil {
			return value(*c.USD, format.Dollars(*c.USD))
		}
	}
	return word(format.Unknown)
}

func egress(s *drill.State, _ string) Cell {
	e := cost.EgressOfAll(s)
	if !e.Known {
		return word(format.Unknown)
	}
	return value(float64(e.Bytes), format.Bytes(e.Bytes))
}

func egressCost(s *drill.State, _ string) Cell {
	usd, known := cost.EgressOfWrites(s, cost.AMillion)
	if !known {
		return word(format.Unknown)
	}
	return value(usd, format.Dollars(usd))
}

// ofOneFleet: when each was is what tells runs apart that are of the same fleet.
func ofOneFleet(runs []Run, _ Row) bool {
	name := ""
	for _, r := range runs {
		if r.State == nil || name != "" && r.State.Fleet.Name != name {
			return false
		}
		name = r.State.Fleet.Name
	}
	return true
}

func anyValue(_ []Run, row Row) bool {
	return slices.ContainsFunc(row.Cells, func(c Cell) bool { return c.Value != nil && *c.Value > 0 })
}

func ofSeveral(_ []Run, row Row) bool { return row.Of != "" }

func datasets(s *drill.State) (names []string) {
	for _, d := range s.Datasets {
		names = append(names, d.Name)
	}
	return names
}

func populations(s *drill.State) (names []string) {
	for _, p := range s.Populations {
		names = append(names, p.Spec.Name)
	}
	return names
}

// named is the names of a kind that any run has, and "" for all where no run has more than one.
func named(runs []Run, names func(*drill.State) []string) (all []string) {
	several := false
	for _, r := range runs {
		if r.State == nil {
			continue
		}
		own := names(r.State)
		several = several || len(own) > 1
		for _, name := range own {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	if !several {
		return []string{""}
	}
	return all
}
