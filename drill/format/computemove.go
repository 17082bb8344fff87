package format

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// ComputeMoved says how soon compute served elsewhere: "eu-west from 2 to 4 web replicas in 1.2 s".
func ComputeMoved(m measure.ComputeMove) string {
	if m.Scaled != nil {
		return fmt.Sprintf("%s from %d to %s in %s", m.Region, m.Scaled.Was, Plural(m.Scaled.Replicas, "web replica", "web replicas"), Span(m.Took))
	}
	return fmt.Sprintf("%s leads %s after %s", m.Region, m.Move.Dataset, Span(m.Took))
}

// Hauled says what a dataset takes to be copied to where compute went: "archive 256 MiB from us-east: 11.2 s, measured", or
// "…: ~11 s by link" of what was not copied.
func Hauled(h measure.Haul) string {
	text := fmt.Sprintf("%s %s from %s: ", h.Dataset, Bytes(h.Bytes), h.From)
	switch {
	case h.AtMost:
		return text + "within " + Span(h.Took) + ", measured"
	case h.Measured:
		return text + Span(h.Took) + ", measured"
	}
	return text + "~" + Span(h.Took) + " by link"
}
