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
		MaxID: MaxID, MaxPayload: MaxPayload, Within: time.Minute,
	})
}
