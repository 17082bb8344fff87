package format

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/role"
)

// sentence says an event of its kind, and what it is about.
type sentence struct {
	kind  string
	words func(*drill.State, drill.Event) (Mark, string)
}

// of is the sentence of a kind whose words go by the whole event.
func of[B drill.Body](words func(*drill.State, drill.Event, B) (Mark, string)) sentence {
	var zero B
	return sentence{zero.Kind(), func(s *drill.State, e drill.Event) (Mark, string) {
		b, is := e.Body.(B)
		if !is { // of a newer journal, whose body is not known
			return MarkNone, ""
		}
		return words(s, e, b)
	}}
}

// says is the sentence of a kind whose words go by its body.
func says[B drill.Body](words func(*drill.State, B) (Mark, string)) sentence {
	return of(func(s *drill.State, _ drill.Event, b B) (Mark, string) { return words(s, b) })
}

// data is says of what is about a dataset.
func data[B drill.Body](words func(*drill.State, B) string) sentence {
	return says(func(s *drill.State, b B) (Mark, string) { return MarkData, words(s, b) })
}

// sentences is the words of each kind of event that has some.
var sentences = byKind(
	of(func(s *drill.State, e drill.Event, b drill.TrafficSampled) (Mark, string) {
		return MarkError, unsent(s, b, e.T)
	}),
	of(func(s *drill.State, e drill.Event, b drill.WriteEnded) (Mark, string) {
		return written(s, b.Dataset, b.ID, e.Seq)
	}),
	of(func(s *drill.State, e drill.Event, b drill.WriteTraced) (Mark, string) {
		return written(s, b.Dataset, b.ID, e.Seq)
	}),
	of(func(s *drill.State, e drill.Event, b drill.Recovered) (Mark, string) {
		return MarkTraffic, servedAgain(s, b) + recovered(s, b, e.T)
	}),
	says(func(_ *drill.State, b drill.PhaseEntered) (Mark, string) {
		return MarkNone, Phase(b.Phase)
	}),
	says(func(_ *drill.State, b drill.SteadyMeasured) (Mark, string) {
		return MarkTraffic, fmt.Sprintf("%s %s: %s of %s succeeded in %s%s",
			Either(b.Met, "all normal", "not normal"), Either(b.When == "after", "in the last check", "in the warm-up"), ExactPercent(b.Success), Plural(b.Requests, "request", "requests"), Span(b.For), after("; ", strings.Join(b.Missing, "; "))+after("; required: ", strings.Join(b.Unmet, "; ")))
	}),
	says(func(_ *drill.State, b drill.IdentitySampled) (Mark, string) { return identities(b) }),
	of(func(s *drill.State, e drill.Event, b drill.NoteWritten) (Mark, string) {
		return MarkOperator, Noted(s, drill.Note{T: e.T, NoteWritten: b})
	}),
	says(func(_ *drill.State, b drill.LimitCrossed) (Mark, string) {
		return MarkError, "abort limit crossed: " + b.Why + "; all faults are lifted"
	}),
	says(func(_ *drill.State, b drill.FleetReturned) (Mark, string) {
		return MarkTraffic, Returned(b)
	}),
	says(func(s *drill.State, b drill.DrillEnded) (Mark, string) {
		word, why := OutcomeOf(s.Plan == nil, b.Verdict, b.Why)
		if word == string(b.Verdict) {
			word = "drill " + word
		}
		return MarkOperator, word + after(": ", why)
	}),
	says(func(_ *drill.State, b drill.TaskFailed) (Mark, string) {
		return MarkError, fmt.Sprintf("%s: %s", b.Task, b.Error)
	}),
	says(func(_ *drill.State, b drill.PreflightTaken) (Mark, string) { return MarkError, preflighted(b) }),
	says(func(_ *drill.State, b drill.FailoverBlocked) (Mark, string) {
		return MarkError, fmt.Sprintf("failover of %s is stuck: %s; writes wait", b.Dataset, b.Reason)
	}),
	says(func(s *drill.State, b drill.CommandTaken) (Mark, string) {
		text := fmt.Sprintf("%s, asked by %s", b.Command, b.Command.By)
		if first := s.Command(b.After); first != nil {
			text += fmt.Sprintf("; “%s” comes first", first.Command)
		}
		return MarkOperator, text
	}),
	says(func(_ *drill.State, b drill.CommandFailed) (Mark, string) {
		return MarkError, fmt.Sprintf("%s %s: %s", b.Command, Either(b.Refused, "refused", "failed"), b.Error)
	}),
	says(func(_ *drill.State, b drill.StageEntered) (Mark, string) {
		return MarkError, fmt.Sprintf("%s %s: %s", b.Region, b.Stage, b.Detail)
	}),
	says(func(s *drill.State, b drill.EntryOpened) (Mark, string) {
		return MarkTraffic, named(s, b)
	}),
	says(func(_ *drill.State, b drill.NameLookedUp) (Mark, string) {
		return MarkTraffic, fmt.Sprintf("%s looked up %s, which is the store inside %s's cluster: %s", b.Region, b.Name, b.Of, LookedUp(b))
	}),
	says(func(_ *drill.State, b drill.VisitorsInvited) (Mark, string) {
		return MarkTraffic, "ask as a user yourself, by curl or browser: " + b.URL
	}),
	says(func(_ *drill.State, b drill.VisitorsSampled) (Mark, string) {
		return visited(b)
	}),
	says(func(_ *drill.State, b drill.RegionJudged) (Mark, string) {
		if b.Up {
			return MarkTraffic, fmt.Sprintf("%s up after %s", b.Region, Plural(b.After, "probe", "probes"))
		}
		return MarkFault, fmt.Sprintf("%s down after %s: %s", b.Region, Plural(b.After, "probe", "probes"), ProbeFailure(b.Why))
	}),
	says(func(_ *drill.State, b drill.RegionScaled) (Mark, string) {
		within := ""
		if b.Took > 0 {
			within = " in " + Span(b.Took)
		}
		return MarkOperator, fmt.Sprintf("%s scaled from %d to %s", b.Region, b.Was, Plural(b.Replicas, "web replica", "web replicas")) + within + after(" · ", b.Proof)
	}),
	says(func(s *drill.State, b drill.RegionUnserved) (Mark, string) {
		if b.On {
			return MarkTraffic, fmt.Sprintf("%s serves no users, its web tier does not answer; its gateway does, so its data is not lost", b.Region)
		}
		return MarkFault, fmt.Sprintf("%s: its gateway does not answer any more either: %s", b.Region, b.Why)
	}),
	says(func(_ *drill.State, b drill.RegionHeld) (Mark, string) {
		if b.For <= 0 {
			return MarkFault, b.Region + " answers no longer, and was held down still"
		}
		return MarkTraffic, fmt.Sprintf("%s answers again, held down until it has for %s more", b.Region, Span(b.For))
	}),
	says(func(_ *drill.State, b drill.RegionFlapping) (Mark, string) {
		return flapping(b)
	}),
	says(func(_ *drill.State, b drill.RegionRamped) (Mark, string) {
		return MarkTraffic, fmt.Sprintf("%s takes its share of users over %s", b.Region, Span(b.Over))
	}),
	says(func(_ *drill.State, b drill.RegionCordoned) (Mark, string) {
		return MarkOperator, b.Region + " " + Either(b.On, "cordoned", "uncordoned") + after(" · ", b.Proof)
	}),
	says(func(s *drill.State, b drill.FaultProved) (Mark, string) {
		return MarkFault, proved(s, b)
	}),
	says(func(s *drill.State, b drill.FaultLifted) (Mark, string) {
		return MarkOperator, lifted(s, b)
	}),
	says(func(_ *drill.State, b drill.Rerouted) (Mark, string) {
		return rerouted(b)
	}),
	says(func(s *drill.State, b drill.SplitBrain) (Mark, string) {
		return splitBrain(s, b)
	}),
	says(func(_ *drill.State, b drill.StoreStalled) (Mark, string) {
		return MarkFault, fmt.Sprintf("%s in %s %s: %s", b.Dataset, b.Region,
			Either(b.Role == role.Follower, "applies nothing of what it receives", "answers, and no write reaches its disk"), b.Why)
	}),
	says(func(_ *drill.State, b drill.StandstillNoticed) (Mark, string) {
		return MarkError, StoodStill(b) + ": nothing is judged across it"
	}),
	says(func(_ *drill.State, b drill.RegionStarved) (Mark, string) {
		return MarkError, Starved(b) + ": no fault was on it"
	}),
	data(func(s *drill.State, b drill.AuthorityTook) string {
		return fmt.Sprintf("%s leads %s, %s: first write confirmed", b.Region, b.Dataset, Term(b.Epoch))
	}),
	data(func(s *drill.State, b drill.FailoverStaged) string {
		return staged(s, b)
	}),
	data(func(s *drill.State, b drill.SwitchoverDone) string {
		return fmt.Sprintf("%s leads %s, %s, moved from %s on purpose: %s %s", b.To, b.Dataset, Term(b.Epoch), b.From,
			Either(b.Open, "no write confirmed within", "no writes for"), Span(b.Blocked))
	}),
	data(func(s *drill.State, b drill.ModeChanged) string {
		return fmt.Sprintf("%s is %s now, it was %s (%s)%s", b.Dataset, b.Now, b.Was, Span(b.Took), after(" · ", b.Why))
	}),
	data(func(s *drill.State, b drill.WritesWaiting) string {
		if len(b.For) == 0 {
			return b.Dataset + ": writes wait no longer"
		}
		return fmt.Sprintf("%s: writes wait for %s, as %s asks", b.Dataset, strings.Join(b.For, ", "), b.Mode)
	}),
	data(func(s *drill.State, b drill.StoreCopying) string {
		switch {
		case b.Over:
			return fmt.Sprintf("%s no longer copies %s whole: %s crossed the link", b.Region, b.Dataset, Bytes(b.Bytes))
		case b.On:
			return fmt.Sprintf("%s has copied %s of about %s of %s from %s", b.Region, Bytes(b.Bytes), Bytes(b.Total), b.Dataset, b.Authority)
		case b.Attempt > 1:
			return fmt.Sprintf("%s begins anew to copy %s whole from %s, for the %s time%s", b.Region, b.Dataset, b.Authority, Ordinal(uint64(b.Attempt)), after(": ", b.Why))
		}
		return fmt.Sprintf("%s copies %s whole from %s, about %s", b.Region, b.Dataset, b.Authority, Bytes(b.Total))
	}),
	data(func(s *drill.State, b drill.StoreFlows) string {
		return fmt.Sprintf("%s in %s %s, after %s", b.Dataset, b.Region,
			Either(b.Role == role.Authority, "takes writes again", "reaches its disk again"), Span(b.Took))
	}),
	data(func(_ *drill.State, b drill.RejoinStarted) string {
		return fmt.Sprintf("%s is back and copies what it missed of %s from %s", b.Region, b.Dataset, b.Authority)
	}),
	data(func(s *drill.State, b drill.RejoinDone) string {
		back := measure.ReturnOf(s, &drill.Rejoin{RejoinStarted: drill.RejoinStarted{Dataset: b.Dataset, Region: b.Region}, Done: &b})
		return fmt.Sprintf("%s has caught up with %s %s: %s copied, %s that it alone had set aside", b.Region, b.Dataset,
			Back(back, "after"), Bytes(b.Bytes), Plural(b.Diverged, "write", "writes"))
	}),
	data(func(_ *drill.State, b drill.LedgerChecked) string {
		text := fmt.Sprintf("%s checked in %s: %s of %s lost", b.Dataset, b.Region, Count(len(b.Lost)+b.LostBefore), Plural(b.Acknowledged, "confirmed write", "confirmed writes"))
		if b.LostBefore > 0 {
			text += fmt.Sprintf(", %s of them since the check before", Count(len(b.Lost)))
		}
		return text
	}),
)

func byKind(all ...sentence) map[string]func(*drill.State, drill.Event) (Mark, string) {
	out := make(map[string]func(*drill.State, drill.Event) (Mark, string), len(all))
	for _, x := range all {
		out[x.kind] = x.words
	}
	return out
}

// servedAgain says how long after its fault a recovery was, or that users are only served again, slowly.
func servedAgain(s *drill.State, b drill.Recovered) string {
	text := "recovered"
	if f := s.Fault(b.Fault); f != nil {
		text += " " + Span(b.After(f)) + " after the fault began"
	}
	if b.Slowly {
		return strings.Replace(text, "recovered", "served again", 1) + ", too slowly for some while the fault lasts"
	}
	return text + ": users are served as before"
}
