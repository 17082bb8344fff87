package traffic

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// stamped notes when each request is handed to the transport.
type stamped struct {
	http.RoundTripper
	now func() time.Duration

	mu   sync.Mutex
	sent []time.Duration
}

func (s *stamped) RoundTrip(r *http.Request) (*http.Response, error) {
	at := s.now()
	s.mu.Lock()
	s.sent = append(s.sent, at)
	s.mu.Unlock()
	return s.RoundTripper.RoundTrip(r)
}

// TestMeasureLateness prints how late requests are sent to a gateway, at a rate that is held for 30 s: each in its own
// goroutine as it goes into the transport, against when it was drawn to be due.
func TestMeasureLateness(t *testing.T) {
	target := os.Getenv("FLEETDRILL_TARGET")
	if target == "" {
		t.Skip("SKIPPED: FLEETDRILL_TARGET is not set to the base URL of a region us-east; it measures for 30 s")
	}
	perSecond, hold := 2000.0, 30*time.Second
	if r, err := strconv.ParseFloat(os.Getenv("FLEETDRILL_RATE"), 64); err == nil {
		perSecond = r
	}
	spec := topology.Population{Name: "all", Count: 1000, Rate: perSecond, RTT: map[string]time.Duration{"us-east": 0}}
	began := time.Now()
	now := func() time.Duration { return time.Since(began) }
	transport := &stamped{RoundTripper: wire.NewTransport(), now: now}
	cfg := UsersConfig{
		Fleet: topology.Fleet{Regions: []topology.Region{{Name: "us-east"}}, Users: []topology.Population{spec}, Routing: topology.Routing{Entry: topology.EntryLB}}, Seed: 1,
		Route:  func(string) (string, error) { return "us-east", nil },
		Target: func(string, string) string { return target },
		Now:    now, Transport: func(string, string) http.RoundTripper { return transport },
	}
	users := NewUsers(cfg)
	ctx, cancel := context.WithTimeout(t.Context(), hold)
	defer cancel()
	start := now()
	users.Run(ctx)
	sample := users.Sample().Populations[0]

	// The same seed draws the same times again.
	again, due := NewUsers(cfg).populations[0], start
	var late []time.Duration
	slices.Sort(transport.sent)
	for _, at := range transport.sent {
		due += again.gap()
		again.draw(due)
		late = append(late, at-due)
	}
	slices.Sort(late)
	at := func(q float64) time.Duration { return late[int(q*float64(len(late)-1))].Round(time.Microsecond) }
	t.Logf("fleetdrill: %d sent in %s, %d failed, %d not sent; late p50 %s, p90 %s, p99 %s, p99.9 %s, max %s", len(late), hold,
		sample.Failed, sample.NotSent, at(0.5), at(0.9), at(0.99), at(0.999), at(1))
}
