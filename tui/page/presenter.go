package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// fact is one thing that the back row is told: a question, its answer in few words, and what
// there is to say beside it.
type fact struct {
	asks   string
	answer string
	about  []string // clauses, what matters most first: those that have room are said
	st     style.Style
}

// facts are the five that the presenter's view shows, in the order in which they are asked.
func facts(n keys.Now) []fact {
	return []fact{whoIsHurt(n.State), whoLeads(n.View), howFar(n.View), whatIsLost(n.State), watchNext(n)}
}

// drawPresenter draws the five facts as large as they have room, below one row that says
// which drill this is.
func drawPresenter(a canvas.Area, n keys.Now) {
	head := a.Sub(1, 0, a.W-2, 1)
	drawWhere(head, n.View)
	list := facts(n)
	large := chart.DigitHeight + 1
	if n.Theme.ASCII {
		large = chart.LetterHeight + 1
	}
	y := 1
	for i, h := range shared(a.H-1, len(list), large) {
		drawFact(a.Sub(1, y, a.W-2, h), n.Theme, list[i])
		y += h
	}
}

// shared is the rows of each of n facts: the same for all where each has room for large letters,
// else as many as those take for the first ones, and two for the others.
func shared(rows, n, large int) []int {
	each, least := make([]int, n), 2
	spare := rows - n*least
	for i := range each {
		switch {
		case rows/n >= large:
			each[i] = rows / n
		case spare >= large-least:
			each[i], spare = large, spare-large+least
		default:
			each[i] = least
		}
	}
	return each
}

// drawFact draws a question and what there is to say beside it in one row, and below it the
// answer: in large letters, else in a row of plain ones.
func drawFact(a canvas.Area, theme style.Theme, f fact) {
	x := a.Text(0, 0, style.TitleHot, f.asks) + 2
	said := ""
	for i, clause := range f.about {
		if i > 0 {
			clause = said + "; " + clause
		}
		if i > 0 && canvas.Width(clause) > a.W-x {
			break
		}
		said = clause
	}
	a.Fit(x, 0, a.W-x, style.Text, said)
	answer := a.Rows(1, a.H-1)
	if chart.Words(answer, f.st, theme.ASCII, f.answer) {
		return
	}
	answer.Fit(0, 0, answer.W, f.st, strings.ToUpper(f.answer))
}

func whoIsHurt(s *drill.State) fact {
	now := impactNow(s)
	f := fact{asks: "WHO IS HURT", answer: shortShare(now.share) + "  " + now.count, st: now.st, about: []string{"users failing now"}}
	if !now.known {
		f.answer = format.Unknown
	}
	if h := measure.AffectedEver(s); h.Known && len(s.Faults) > 0 {
		f.about = append(f.about, fmt.Sprintf("%s, %s, since the first fault", format.Plural(h.Affected, "person", "people"), format.Percent(h.Share)))
	}
	f.about = append(f.about, "of those who asked "+lately())
	return f
}

// whoLeads is about the dataset in focus; the others follow beside it.
func whoLeads(v pane.View) fact {
	f := fact{asks: "WHO LEADS", st: style.Strong}
	d := v.Chosen()
	if d == nil {
		f.answer, f.about = "no data", []string{"this fleet has no datasets"}
		return f
	}
	leader, about := leadership(v.State, d)
	f.answer, f.about = leader, []string{about}
	if leader != d.Authority {
		f.st = style.DangerBold
	}
	for _, other := range v.State.Datasets {
		if other != d {
			leader, _ := leadership(v.State, other)
			f.about = append(f.about, other.Name+": "+leader)
		}
	}
	return f
}

// leadership is who leads a dataset, "nobody" where nobody does, and that in a sentence.
func leadership(s *drill.State, d *drill.DatasetState) (leader, about string) {
	leaders := measure.Leaders(d)
	switch f := s.OpenFailover(d.Name); {
	case len(leaders) > 1:
		var both []string
		for _, l := range leaders {
			both = append(both, fmt.Sprintf("%s %s", l.Region, format.Count(l.Took)))
		}
		return "two at once", fmt.Sprintf("both take writes of %s: %s", d.Name, strings.Join(both, ", "))
	case len(leaders) == 0:
		return "nobody", "no region leads " + d.Name + " yet"
	case f != nil:
		return "nobody", fmt.Sprintf("%s led %s and is lost; the next leader is not promoted yet", f.From, d.Name)
	}
	about = fmt.Sprintf("leads %s, %s", d.Name, format.Term(leaders[0].Epoch))
	if d.Was != "" {
		about += ", after " + d.Was
	}
	return leaders[0].Region, about
}

// running is the failover of a dataset that has not come to its first write; nil where none is,
// and once the drill is over.
func running(s *drill.State, dataset string) *drill.Failover {
	for _, f := range slices.Backward(s.Failovers) {
		if f.Dataset == dataset {
			if f.Written() || s.Verdict != "" {
				return nil
			}
			return f
		}
	}
	return nil
}

// howFar is the stage that runs, with its clock, and after it how long writes and users took to
// come back.
func howFar(v pane.View) fact {
	s := v.State
	f := fact{asks: "HOW FAR", st: style.CautBold}
	d := v.Chosen()
	if d != nil {
		if open := running(s, d.Name); open != nil {
			stage, since := open.Current()
			f.answer = string(stage) + " " + format.Span(max(v.Now-since, 0).Truncate(100*time.Millisecond))
			f.about = []string{fmt.Sprintf("stage %d of %d of the recovery of %s", slices.Index(drill.FailoverStages, stage)+1, len(drill.FailoverStages), d.Name),
				fmt.Sprintf("%s after %s was lost", format.Age(v.Now-open.Ends[drill.StageFault]), open.From), means(string(stage))}
			return f
		}
	}
	if hurt := measure.Unrecovered(s); len(hurt) > 0 && s.Verdict == "" {
		first := hurt[0]
		f.answer = "users wait"
		f.about = []string{"not all users are served as before", fmt.Sprintf("%s was %s %s ago", format.Where(first.FaultProved), cmp.Or(first.Done, string(first.Fault)), format.Age(v.Now-first.From))}
		return f.withWrites(s, d)
	}
	back := measure.Recovery(s)
	switch {
	case back.Known:
		f.answer, f.about, f.st = "back in "+format.Span(back.D), []string{"users are served as before"}, style.FineBold
		if back.AtLeast {
			f.answer, f.about, f.st = format.Span(back.D)+" so far", []string{"not all users are served as before"}, style.CautBold
		}
	case len(s.Faults) > 0 && measure.AffectedEver(s).Affected > 0:
		f.answer, f.about, f.st = "all as it was", []string{"users are served as before"}, style.FineBold
	case len(s.Faults) > 0:
		f.answer, f.about, f.st = "nobody was hurt", []string{"users were served as before all the time"}, style.FineBold
	default:
		f.answer, f.about, f.st = "all as it was", []string{"no fault so far"}, style.FineBold
	}
	if soon := format.ServedAgain(s); soon != "" && measure.ServedAgainLast(s, "").D > 0 {
		f.about = append(f.about, "answered again: "+soon)
	}
	return f.withWrites(s, d)
}

// withWrites adds how long a dataset took no writes at the longest, where it ever took none.
func (f fact) withWrites(s *drill.State, d *drill.DatasetState) fact {
	if d == nil {
		return f
	}
	if rto := measure.RTO(s, d.Name); rto.Known {
		f.about = append(f.about, fmt.Sprintf("no writes to %s for %s (RTO)", d.Name, format.Least(rto)))
	}
	return f
}

func whatIsLost(s *drill.State) fact {
	f := fact{asks: "WHAT IS LOST", st: style.CautBold}
	lost, open := measure.Lost(s, ""), unchecked(s)
	switch {
	case len(s.Datasets) == 0:
		f.answer, f.about, f.st = "nothing", []string{"this fleet has no datasets"}, style.Label
		return f
	case lost.N > 0:
		f.answer, f.st = format.Plural(lost.N, "write", "writes"), style.DangerBold
		f.about = []string{"confirmed, and not there any more"}
		if len(open) > 0 {
			f.about = append(f.about, "not checked yet: "+strings.Join(open, ", "))
		}
	case len(open) > 0:
		f.answer, f.about, f.st = "not checked yet", []string{"counted after a failover and at the end"}, style.Label
		if len(open) < len(s.Datasets) {
			f.about = append(f.about, "not yet: "+strings.Join(open, ", "))
		}
	default:
		f.answer, f.st = "0 writes", style.FineBold
		f.about = []string{"every confirmed write that was looked for is there"}
	}
	if lost.AtLeast && (lost.N > 0 || len(open) == 0) {
		f.about = append(f.about, "all are counted at the end")
	}
	if risk, known := atRisk(s); known && s.Verdict == "" {
		f.about = append(f.about, format.Plural(risk, "write", "writes")+" stored nowhere else yet")
	}
	return f
}

// unchecked is the datasets of which it is not known yet what they lost last.
func unchecked(s *drill.State) (names []string) {
	for _, d := range s.Datasets {
		if !measure.Checked(s, d.Name) {
			names = append(names, d.Name)
		}
	}
	return names
}

// atRisk is the confirmed writes that are stored nowhere but with their leaders, over all
// datasets; false where that of one is not known.
func atRisk(s *drill.State) (n uint64, known bool) {
	for _, d := range s.Datasets {
		if d.AtRisk == nil {
			return 0, false
		}
		n += *d.AtRisk
	}
	return n, true
}
