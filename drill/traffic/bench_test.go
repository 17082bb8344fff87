//go:build unix

package traffic

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// BenchmarkPacer is how late due times are met, which counts as latency.
func BenchmarkPacer(b *testing.B) {
	tests := []struct {
		name string
		make func() pacer
	}{{"kernel", newPacer}, {"timer", newTimerPacer}}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			p := tt.make()
			defer p.close()
			var late []time.Duration
			for n := range b.N {
				wait := 3*time.Millisecond + time.Duration(n%7)*300*time.Microsecond
				due := time.Now().Add(wait)
				if err := p.wait(b.Context(), wait); err != nil {
					b.Fatal(err)
				}
				late = append(late, time.Since(due))
			}
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2].Microseconds()), "p50-late-µs")
			b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "p99-late-µs")
		})
	}
}

// BenchmarkAsking is what users at 100 requests a second cost: the share of a core
// that this process takes, with the regions, which live in it too, and the
// median latency that users find of a region without distance.
func BenchmarkAsking(b *testing.B) {
	region := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderRegion, "us")
		if r.Method == http.MethodPost {
			_ = json.NewEncoder(w).Encode(wire.Written{Authority: "us", Region: "us"})
			return
		}
		_ = json.NewEncoder(w).Encode(wire.Found{Found: true, Region: "us"})
	}))
	defer region.Close()
	started := time.Now()
	users := NewUsers(UsersConfig{
		Fleet: topology.Fleet{
			Regions: []topology.Region{{Name: "us"}},
			Users: []topology.Population{
				{Name: "a", Count: 5000, Rate: 40, Writes: 0.25},
				{Name: "b", Count: 3000, Rate: 40, Writes: 0.25},
				{Name: "c", Count: 1000, Rate: 20, Writes: 0.25},
			},
			Datasets: []topology.Dataset{{Name: "orders"}},
			Routing:  topology.Routing{Entry: topology.EntryLB},
		},
		Seed: 1, Ledger: ledger.New(),
		Now:    func() time.Duration { return time.Since(started) },
		Route:  func(string) (string, error) { return "us", nil },
		Target: func(string, string) string { return region.URL },
	})
	lasting := 5 * time.Second
	ctx, cancel := context.WithTimeout(b.Context(), time.Duration(b.N)*lasting)
	defer cancel()
	before := processorTime()
	users.Run(ctx)
	spent := processorTime() - before
	b.ReportMetric(100*spent.Seconds()/(time.Duration(b.N)*lasting).Seconds(), "%core")
	for _, p := range users.Sample().Populations {
		if p.Failed > 0 || p.TotalP50 == nil {
			b.Errorf("%+v", p)
			continue
		}
		b.ReportMetric(float64(p.TotalP50.Microseconds()), p.Population+"-p50-µs")
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
