package format

import "github.com/fleetdrill/fleetdrill/drill/measure"

// A lower bound reads alike wherever it stands: "at least 12.0 s", and in a narrow column "≥12.0 s".
const (
	atLeast = "at least "
	least   = "≥"
)

// Least writes a span, as a lower bound where a part of it is unknown or not over.
func Least(d measure.Span) string { return bound(d.Known, d.AtLeast, atLeast, Span(d.D), Unknown) }

// ShortLeast is Least for a column.
func ShortLeast(d measure.Span) string { return bound(d.Known, d.AtLeast, least, Span(d.D), None) }

// LeastCount writes a count, as a lower bound where a part of it is unknown.
func LeastCount(n measure.Count) string {
	return bound(n.Known, n.AtLeast, atLeast, Count(n.N), Unknown)
}

func bound(known, isLeast bool, sign, text, unknown string) string {
	switch {
	case !known:
		return unknown
	case isLeast:
		return sign + text
	}
	return text
}
