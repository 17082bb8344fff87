package format

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

func init() {
	for _, s := range configSentences() {
		sentences[s.kind] = s.words
	}
}

// configured is the sentence of a kind of news of the configuration.
func configured[N config.News](words func(*config.State, N) (Mark, string)) sentence {
	var zero N
	return sentence{zero.Kind(), func(s *drill.State, e drill.Event) (Mark, string) {
		b, _ := e.Body.(drill.Configured)
		news, is := b.News.(N)
		if !is { // of a newer journal, whose body is not known
			return MarkNone, ""
		}
		return words(s.Config, news)
	}}
}

func configSentences() []sentence {
	return []sentence{
		configured(func(_ *config.State, b config.Committed) (Mark, string) {
			text := fmt.Sprintf("%s on main, by %s: %s", config.Short(b.Revision.Hash), b.Revision.Author, b.Revision.Subject)
			if b.Bad != "" {
				return MarkError, text + "; no region is given it: " + b.Bad
			}
			return MarkOperator, text + after("; git clone ", b.Where)
		}),
		configured(func(_ *config.State, b config.Released) (Mark, string) {
			return MarkNone, fmt.Sprintf("wave %d of %d: %s to have %s", b.Wave+1, b.Of, Is(b.Regions), config.Short(b.Revision))
		}),
		configured(func(_ *config.State, b config.Routed) (Mark, string) {
			return MarkOperator, fmt.Sprintf("the router goes by the weights of %s: %s, not %s", config.Short(b.Revision), Weights(b.Weights), Weights(b.Was))
		}),
		configured(func(_ *config.State, b config.Held) (Mark, string) {
			return MarkError, fmt.Sprintf("%s is held before wave %d: %s", config.Short(b.Revision), b.Wave+1, b.Why)
		}),
		configured(func(_ *config.State, b config.Applied) (Mark, string) {
			text := fmt.Sprintf("%s has %s, took %s", b.Region, config.Short(b.Revision), Span(b.Took))
			text += after(": ", Fields(b.Fields))
			if w := b.Before; w != nil && w.Served+w.Refused > 0 {
				text += fmt.Sprintf("; for %s since it started it had %s: %s taken, %d refused", Span(w.Time), config.Short(b.Was), Plural(w.Served, "request", "requests"), w.Refused)
			}
			return MarkNone, text
		}),
		configured(func(_ *config.State, b config.Edited) (Mark, string) {
			return MarkFault, fmt.Sprintf("%s was changed by hand: %s", b.Region, b.Proof)
		}),
		configured(func(_ *config.State, b config.Drifted) (Mark, string) {
			return MarkError, fmt.Sprintf("%s has drifted: %s", b.Region, Fields(b.Fields))
		}),
		configured(func(_ *config.State, b config.Mended) (Mark, string) {
			return MarkNone, fmt.Sprintf("%s is as %s has it again, %s after it was seen to differ: %s", b.Region, config.Short(b.Revision), Span(b.Took), Fields(b.Fields))
		}),
		configured(func(_ *config.State, b config.Failed) (Mark, string) {
			text := "nothing new is given to any region: " + b.Why
			if b.Region != "" {
				text = fmt.Sprintf("%s with %s: %s", b.Region, config.Short(b.Revision), b.Why)
			}
			if b.Kept != "" && b.Kept != b.Revision {
				text += fmt.Sprintf("; %s stays", config.Short(b.Kept))
			}
			return MarkError, text
		}),
		configured(func(_ *config.State, b config.Recovered) (Mark, string) {
			if b.Region == "" {
				return MarkNone, "the repository is read again"
			}
			return MarkNone, b.Region + " works with its configuration"
		}),
		configured(func(_ *config.State, b config.Unreached) (Mark, string) {
			switch {
			case b.Region == "" && b.On:
				return MarkError, "nobody reconciles: the hub does not answer"
			case b.Region == "":
				return MarkNone, "the hub reconciles again"
			case b.On:
				return MarkError, b.Region + " is not reconciled: it does not answer its reconciler"
			}
			return MarkNone, b.Region + " is reconciled again"
		}),
	}
}

// Is is names with the verb that goes with them.
func Is(names []string) string {
	return strings.Join(names, ", ") + Either(len(names) == 1, " is", " are")
}

// mostFields is how many fields a line names.
const mostFields = 3

// Fields is what differs, or was changed: "Deployment/web spec.replicas is 1, not 2 (kubectl-edit)".
func Fields(fields []config.Field) string {
	var out []string
	for i, f := range fields {
		if i == mostFields {
			out = append(out, fmt.Sprintf("and %d more", len(fields)-i))
			break
		}
		text := f.String() + " is "
		switch {
		case f.Actual == "":
			text += "missing"
		case f.Wanted == "":
			text += f.Actual
		default:
			text += fmt.Sprintf("%s, not %s", f.Actual, f.Wanted)
		}
		if f.Who != "" && f.Who != config.Manager {
			text += " (" + f.Who + ")"
		}
		out = append(out, text)
	}
	return clean.Text(strings.Join(out, ", "))
}

// Weights is the global router's weights of regions as a person reads them, those of regions that have one.
func Weights(of map[string]float64) string {
	var parts []string
	for _, region := range slices.Sorted(maps.Keys(of)) {
		if of[region] > 0 {
			parts = append(parts, region+" "+Percent(of[region]))
		}
	}
	return strings.Join(parts, ", ")
}
