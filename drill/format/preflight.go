package format

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// preflighted words that who leads next is not ready for that, or that somebody was passed over.
func preflighted(b drill.PreflightTaken) string {
	var said []string
	for _, region := range b.Passed {
		if t, known := preflight.Of(b.Targets, region); known {
			said = append(said, Unready(t))
		} else {
			said = append(said, region+" is not known to be ready")
		}
	}
	text := fmt.Sprintf("preflight of %s: ", b.Dataset)
	to, known := preflight.Of(b.Targets, b.To)
	switch {
	case b.To == "":
		return text + "nobody is promoted; " + strings.Join(said, "; ")
	case len(said) > 0:
		return text + strings.Join(said, "; ") + "; " + b.To + " is promoted instead"
	case known:
		return text + Unready(to)
	}
	return text + b.To
}

// Unready says what keeps a region from being ready to lead: "eu-west is not ready: roles: no role …".
func Unready(t preflight.Target) string {
	var why []string
	for _, f := range t.Against() {
		why = append(why, f.Check+": "+f.Why)
	}
	return t.Region + " is " + Readiness(t.Status()) + after(": ", strings.Join(why, "; "))
}

// Readiness is a status as it stands after "is": "not known to be ready" of what is unknown.
func Readiness(s preflight.Status) string {
	switch s {
	case preflight.Unknown:
		return "not known to be ready"
	case preflight.Barred:
		return "never to lead"
	}
	return string(s)
}

// Preflight is how ready each region that is asked for is to lead a dataset, a line a check, what is wrong with what to do:
// "  eu-west  not ready". Who leads it is looked for among all of them.
func Preflight(dataset string, targets []preflight.Target, asked func(preflight.Target) bool) (lines []string) {
	head, wide, names := dataset+", led by nobody now", 0, 0
	var of []preflight.Target
	for _, t := range targets {
		if t.Dataset != dataset {
			continue
		}
		if t.Leads {
			head = dataset + ", led by " + t.Region
		}
		if !asked(t) {
			continue
		}
		of = append(of, t)
		names = max(names, len(t.Region))
		for _, f := range t.Findings {
			wide = max(wide, len(f.Check))
		}
	}
	if len(of) == 0 {
		return nil
	}
	lines = append(lines, head)
	for _, t := range of {
		lines = append(lines, fmt.Sprintf("  %-*s  %s", names, t.Region, string(t.Status())+Either(t.Leads, ", leads", "")))
		for _, f := range t.Findings {
			lines = append(lines, fmt.Sprintf("    %s  %-*s  %s", Sign(f.Status), wide, f.Check, f.Why+after("; ", f.Next)))
		}
	}
	return lines
}

// Sign is a status in one column.
func Sign(s preflight.Status) string {
	switch s {
	case preflight.Ready:
		return "+"
	case preflight.Unknown:
		return "?"
	case preflight.Barred:
		return "-"
	}
	return "!"
}
