package log

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store/replica/conformance"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Engine{
		Open: func(o conformance.Opening) (conformance.Replica, error) {
			return Open(Config{Dir: o.Dir, Dataset: o.Dataset, Region: o.Region, Run: o.Run, Upstream: o.Upstream, Clock: o.Clock, Logger: o.Logger})
		},
		Virtual: true,
		Sound:   func(t testing.TB, r conformance.Replica) { sound(t, r.(*Replica)) },
		MaxID:   MaxID, MaxPayload: MaxPayload,
	})
}
