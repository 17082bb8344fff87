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
		Backup:  true,
		// Whoever writes holds this.
		Hang: func(t testing.TB, r conformance.Replica) func() {
			writing := r.(*Replica).contents.writing
			if err := writing.take(t.Context()); err != nil {
				t.Fatal(err)
			}
			return writing.give
		},
		Refuse: refuse,
		Sound:  func(t testing.TB, r conformance.Replica) { sound(t, r.(*Replica)) },
		MaxID:  MaxID, MaxPayload: MaxPayload,
	})
}
