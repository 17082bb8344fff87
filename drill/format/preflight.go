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
