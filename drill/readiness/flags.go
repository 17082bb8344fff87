package readiness

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// flags is whether what the region runs would refuse its own users.
var flags = Check{Name: "release", Gates: true, Help: "whether its version and flags take its users' writes", Find: func(q Question) *preflight.Finding {
	if !topology.Governs(q.State.Fleet, q.Region) {
		return nil
	}
	m, known := Runs(q.State, q.Region)
	switch {
	case !known:
		return unknown("its version and flags are not known", "")
	case strings.HasSuffix(m.Version, config.BadVersion):
		return unready(m.Version+" of its web tier fails every request", "revert it")
	case m.Flags[config.FlagReadOnly] == "true":
		return unready(fmt.Sprintf("the flag %s is on: its users' writes are refused", config.FlagReadOnly), "turn it off")
	}
	return ready("runs " + m.Version)
}}
