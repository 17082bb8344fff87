package format

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/distrust"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Incident says in two sentences what happened and what it cost: which region or link, when and until
// when; who was affected, who leads, what was lost. What is not measured is said to be unknown.
func Incident(s *drill.State, i measure.Incident) (happened, cost string) {
	happened = whatHappened(s, i) + "."
	var clauses []string
	if i.Kind == measure.IncidentDurability {
		clauses = []string{waitsOf(s, i)}
	} else {
		clauses = append([]string{usersOf(s, i)}, dataOf(s, i)...)
	}
	cost = strings.Join(clauses, "; ") + "."
	return happened, strings.ToUpper(cost[:1]) + cost[1:]
}

// Story is what happened in a drill so far, an incident a line; those that have not run their course
// are not among them.
func Story(s *drill.State) (lines []string) {
	for _, l := range Settled(s) {
		lines = append(lines, l.Text)
	}
	return lines
}

func whatHappened(s *drill.State, i measure.Incident) string {
	at := " at " + WallClock(s, i.Began)
	switch i.Kind {
	case measure.IncidentFault:
		what, plural := faulted(i.Faults)
		return what + at + shaped(i.Faults[0]) + heldUntil(s, i, Either(plural, "were", "was"))
	case measure.IncidentCordon:
		text := fmt.Sprintf("%s was cordoned (evacuated)%s, within %s", i.Cordon, at, Span(i.Hurt(s).D))
		if i.Lifted != nil {
			text += ", and uncordoned " + Span(*i.Lifted-i.Began) + " after that began"
		}
		return text
	case measure.IncidentDurability:
		return fmt.Sprintf("%s changed from %s to %s at %s, %s after that was asked for",
			i.Mode.Dataset, i.Mode.Was, i.Mode.Now, WallClock(s, i.Mode.T), Span(i.Mode.Took))
	case measure.IncidentHang:
		return fmt.Sprintf("%s in %s hung%s (%s)%s", i.Stall.Dataset, i.Stall.Region, at, i.Stall.Why, heldUntil(s, i, "did"))
	default:
		return leaderless(s, i, at)
	}
}

// leaderless is a leader that was lost and that no command took away.
func leaderless(s *drill.State, i measure.Incident, at string) string {
	m := i.Moves[0]
	who := "no command of this drill did that"
	if m.ByInstrument(s) {
		who = "this machine did that, no command"
	}
	return fmt.Sprintf("%s lost its leader %s%s, and %s", m.Dataset, m.From, at, who)
}

// faulted is what the faults of one command did, and whether that is said of more than one.
func faulted(faults []*drill.Fault) (text string, plural bool) {
	f := faults[0]
	if f.Region != "" {
		var regions []string
		for _, f := range faults {
			regions = append(regions, Where(f.FaultProved))
		}
		plural = len(regions) > 1
		return And(regions) + Either(plural, " were ", " was ") + cmp.Or(f.Done, string(f.Fault)), plural
	}
	if len(f.Between) != 2 {
		return "a link was " + cmp.Or(f.Done, string(f.Fault)), false
	}
	a, b := end(f.Between[0]), end(f.Between[1])
	cut := len(f.Effect.Cuts) > 0
	switch {
	case cut && f.OneWay:
		return fmt.Sprintf("the way from %s to %s was cut", a, b), false
	case cut && f.Between[1] == topology.EndOthers:
		return fmt.Sprintf("%s was cut off from %s", a, b), false
	case cut:
		return fmt.Sprintf("%s and %s were cut off from each other", a, b), true
	case f.OneWay:
		return fmt.Sprintf("the way from %s to %s was degraded", a, b), false
	}
	return fmt.Sprintf("the link between %s and %s was degraded", a, b), false
}

// shaped is what links are made of under a fault; "" where it does not change that.
func shaped(f *drill.Fault) string {
	if f.Shape.IsZero() {
		return ""
	}
	return " (" + f.Shape.String() + ")"
}

// end is an end of a link as people call it.
func end(place string) string {
	switch place {
	case topology.EndOthers:
		return "all other regions and the controller"
	case topology.EndControl:
		return "the controller"
	}
	return place
}

// heldUntil says when a fault was lifted, or that it was not.
func heldUntil(s *drill.State, i measure.Incident, verb string) string {
	switch {
	case i.Lifted != nil && i.Kind == measure.IncidentHang:
		return ", and reached its disk again " + Span(*i.Lifted-i.Began) + " later"
	case i.Lifted != nil:
		return ", and " + cmp.Or(i.Faults[0].Ended, "restored") + " " + Span(*i.Lifted-i.Began) + " later"
	case s.Verdict != "":
		return ", and still " + verb + " when the drill ended"
	}
	return ", and still " + map[string]string{"was": "is", "were": "are", "did": "does"}[verb]
}

func usersOf(s *drill.State, i measure.Incident) string {
	a := i.Users(s)
	switch {
	case !a.Known && i.Command == nil:
		return "users affected: unknown, they are counted by command"
	case !a.Known:
		return "users affected: unknown"
	case a.Affected == 0 && len(refusedLater(s, i)) > 0:
		return fmt.Sprintf("none of %s who asked at first saw an error or a slow answer; then %s", Plural(a.Asked, "user", "users"), And(refusedLater(s, i)))
	case a.Affected == 0:
		return fmt.Sprintf("none of %s who asked saw an error or a slow answer%s", Plural(a.Asked, "user", "users"), Either(a.Open && s.Verdict == "", " so far", ""))
	}
	text := fmt.Sprintf("%s of %s saw errors or slow answers", Count(a.Affected), Plural(a.Asked, "user", "users"))
	switch hurt := i.Hurt(s); {
	case i.Kind == measure.IncidentCordon: // users come to no harm all the while that takes
	case hurt.Known:
		text += ", for " + Least(hurt)
	}
	text += Either(a.Open && s.Verdict == "", " so far", "")
	var others []string
	for _, b := range i.Beside(s) {
		if c := s.Command(b.Command); c != nil {
			others = append(others, Beside(c.Command.String(), b.Earlier))
		}
	}
	others = append(others, distrusted(s, i)...)
	if len(others) > 0 {
		text += " (some of them perhaps by " + strings.Join(others, "; ") + ")"
	}
	return text
}

// refusedLater is whom a fault of trust had refused after its own users were counted, and with what those were counted whom that cost.
func refusedLater(s *drill.State, i measure.Incident) (clauses []string) {
	for _, f := range i.Faults {
		refusals := distrust.Refusals(s, f)
		with := distrust.CountedWith(s, f, refusals)
		if len(with) == 0 {
			continue
		}
		var counted []string
		for _, id := range with {
			if c := s.Command(id); c != nil {
				counted = append(counted, c.Command.String())
			}
		}
		clauses = append(clauses, fmt.Sprintf("%s, from %s on (whom that cost something is counted with %s)", Distrust(refusals[0].Who, refusals[0].Tally), WallClock(s, refusals[0].At), And(counted)))
	}
	return clauses
}

// distrusted is the commands of faults of trust that had users refused who are counted with an incident's.
func distrusted(s *drill.State, i measure.Incident) (others []string) {
	if i.Command == nil {
		return nil
	}
	counted := func(command int) bool {
		return slices.ContainsFunc(i.Beside(s), func(b measure.Beside) bool { return b.Command == command })
	}
	for _, f := range distrust.HeldUnder(s, i.Command.ID) {
		if c := s.Command(f.Command); c != nil && !counted(f.Command) {
			others = append(others, c.Command.String()+", which held")
		}
	}
	return others
}

// waitsOf is how long writes waited under a durability that was changed to.
func waitsOf(s *drill.State, i measure.Incident) string {
	d := s.Dataset(i.Mode.Dataset)
	until := s.Now
	for _, later := range d.Modes {
		if later.T > i.Mode.T {
			until = min(until, later.T)
		}
	}
	var waits []string
	for _, w := range d.Waits {
		if w.Mode != i.Mode.Now.Mode || w.Began > until || w.Ended != nil && *w.Ended <= i.Mode.T {
			continue
		}
		text := "writes waited for " + And(w.For)
		if w.Ended != nil {
			text += " for " + Span(*w.Ended-w.Began)
		} else {
			text += " for " + Span(measure.SoFar(s, w.Began).D) + Either(s.Verdict == "", " so far", ", to the end")
		}
		waits = append(waits, text)
	}
	if len(waits) == 0 {
		return "no write has waited for a region since"
	}
	return strings.Join(waits, ", ")
}

// dataOf is who leads and what was lost, by dataset where there are several.
func dataOf(s *drill.State, i measure.Incident) (clauses []string) {
	several := len(s.Datasets) > 1
	for _, m := range i.Moves {
		n, rpo := i.LostBy(s, m)
		leads, lost := leadsNow(s, m), lostOf(s, m, n, rpo)
		if several {
			clauses = append(clauses, m.Dataset+": "+leads+", "+lost)
		} else {
			clauses = append(clauses, leads, lost)
		}
	}
	for _, b := range i.Splits(s) {
		clauses = append(clauses, SplitWrites(b, several))
	}
	if len(i.Moves) == 0 {
		clauses = append(clauses, "no leader moved", lostByNoMove(s, i))
	}
	return clauses
}

// leadsNow says who took the lead in a move and how long that took, or that nobody did.
func leadsNow(s *drill.State, m measure.Move) string {
	rto := m.RTO(s)
	switch {
	case m.Switchover != nil && m.Switchover.Open:
		return m.To + " leads, and nobody wrote within " + Span(m.Switchover.Blocked)
	case m.Switchover != nil:
		return m.To + " leads, no write was taken for " + Span(rto.D)
	case m.Epoch == 0 || m.To == "":
		text := "nobody leads"
		if rto.Known {
			text += ", no write was taken for " + Span(rto.D)
		}
		return text + Either(s.Verdict == "", " so far", ", to the end")
	case rto.AtLeast:
		return fmt.Sprintf("%s leads, and took no write for %s%s", m.To, Span(rto.D), Either(s.Verdict == "", " so far", ", to the end"))
	}
	return m.To + " leads, first write after " + Span(rto.D)
}

// lostOf says how many confirmed writes a move lost, of those that its check of the ledger knew, and over
// which span, where some were. What was lost since that check is none of its writes. While more may come
// to light it is so far.
func lostOf(s *drill.State, m measure.Move, n measure.Count, rpo measure.Span) string {
	check, grows := m.Check(s), m.LosesMore(s)
	switch {
	case !n.Known || check == nil && n.N == 0:
		return NotChecked(s, "")
	case check == nil:
		return fmt.Sprintf("at least %s lost", Plural(n.N, "confirmed write", "confirmed writes"))
	}
	text := fmt.Sprintf("%s of %s lost", Count(n.N), Plural(check.Acknowledged, "confirmed write", "confirmed writes"))
	if !check.Covers(n.N) { // some were confirmed after it, by a leader that was cut off
		text = Plural(n.N, "confirmed write", "confirmed writes") + " lost"
	}
	if grows {
		text += Either(s.Verdict == "", " so far", " when last checked")
	}
	if n.N > 0 && rpo.Known && rpo.D > 0 {
		text += ", from the last " + Span(rpo.D)
	}
	return text
}

// NotChecked says that no ledger was checked, and when it will be, as long as that can still come.
func NotChecked(s *drill.State, when string) string {
	if s.Verdict != "" {
		return "lost: unknown, it was never checked"
	}
	return "lost: not checked yet" + when
}

// lostByNoMove is what was lost though no leader moved, which the check at the end alone can tell.
func lostByNoMove(s *drill.State, i measure.Incident) string {
	lost, all := i.Lost(s), measure.FinalWrites(s, "")
	switch {
	case !lost.Known:
		return NotChecked(s, " (counted after a failover and at the end)")
	case lost.N > 0:
		return fmt.Sprintf("%s lost that no failover explains", Plural(lost.N, "confirmed write", "confirmed writes"))
	case all.Known && all.Lost == 0:
		return fmt.Sprintf("0 of %s lost", Plural(all.Acknowledged, "confirmed write", "confirmed writes"))
	}
	return "it lost no confirmed write"
}

// SplitWrites says what each side took while two leaders did; named says that the dataset is to be told.
func SplitWrites(b *drill.SplitBrain, named bool) string {
	of := ""
	if named {
		of = " of " + b.Dataset
	}
	return fmt.Sprintf("split brain%s, both took writes: %s %s, %s %s%s", of, b.Old, Count(len(b.Tails[b.Old])), b.New, Count(len(b.Tails[b.New])), Either(b.Over, "", " so far"))
}

// And joins names as a sentence does: "a, b and c".
func And(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
