package postgres

import (
	"os"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store/replica/conformance"
)

func TestConformance(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_POSTGRES") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_POSTGRES is not set; it runs PostgreSQL servers (make test-postgres)")
	}
	conformance.Run(t, conformance.Engine{
		Open: func(o conformance.Opening) (conformance.Replica, error) {
			return Open(Config{
				Dir: o.Dir, Dataset: o.Dataset, Region: o.Region, Run: o.Run, Password: "secret", Upstream: o.Upstream, Clock: o.Clock, Logger: o.Logger,
				Stall: time.Second, Retry: 50 * time.Millisecond,
			})
		},
		Hang:   func(t testing.TB, r conformance.Replica) func() { return hang(t, r.(*Replica)) },
		Refuse: func(t testing.TB, r conformance.Replica) func() { return readOnly(t, r.(*Replica)) },
		MaxID:  MaxID, MaxPayload: MaxPayload, Within: time.Minute,
	})
}
