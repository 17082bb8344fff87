package engine

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// allUp says of the regions that it has that users reach them.
type allUp map[string]bool

func (u allUp) Up(region string) bool { return u[region] }

// A candidate that takes longer to fence than a mere question may take is waited for: it
// may be the only one with what async has acknowledged. One that goes down is not.
func TestASlowCandidateIsWaitedFor(t *testing.T) {
	clients := map[string]*wire.Client{}
	for region, takes := range map[string]time.Duration{"a": 0, "b": askTimeout + 200*time.Millisecond, "c": time.Hour} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the asker has gone
			select {
			case <-time.After(takes):
			case <-r.Context().Done():
			}
			w.Header().Set(wire.HeaderRegion, region)
			_ = json.NewEncoder(w).Encode(store.Status{Dataset: dataset, Region: region, Position: 9})
		}))
		t.Cleanup(server.Close)
		clients[region] = wire.NewClient(wire.ClientConfig{Base: server.URL, Region: region})
	}
	k := &keeper{spec: drill.Dataset{Name: dataset, Regions: []string{"a", "b", "c"}}, watch: &watch{clients: clients},
		router: goesDown{allUp{"a": true, "b": true, "c": true}, "c", time.Now().Add(askTimeout)}, log: slog.New(slog.DiscardHandler)}
	began := time.Now()
	got := k.fenceCandidates(context.Background(), 2)
	if _, slow := got["b"]; len(got) != 2 || !slow {
		t.Errorf("fenced %v, want a and b", got)
	}
	if took := time.Since(began); took >= actTimeout {
		t.Errorf("it took %s: one that had gone down was waited for", took)
	}
}

// goesDown says of one region that it is down from a moment on.
type goesDown struct {
	allUp
	region string
	at     time.Time
}

func (g goesDown) Up(region string) bool {
	return g.allUp.Up(region) && (region != g.region || time.Now().Before(g.at))
}
