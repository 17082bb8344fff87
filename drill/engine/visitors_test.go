package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/visitor"
)

// asks sends one request as a person's program would, and reads the answer.
func (l *lab) asks(client *http.Client, method, path, body string) (visitor.Body, *http.Response, time.Duration) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, l.state.VisitorURL+path, strings.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	began := time.Now()
	res, err := client.Do(r)
	took := time.Since(began)
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	var b visitor.Body
	if err := json.NewDecoder(res.Body).Decode(&b); err != nil {
		l.Fatalf("%s %s answers %s: %v", method, path, res.Status, err)
	}
	return b, res, took
}

// quickest is the least that some requests take: the machine may be busy.
func (l *lab) quickest(client *http.Client, path string) time.Duration {
	l.Helper()
	least := time.Minute
	for range 6 {
		_, _, took := l.asks(client, http.MethodGet, path, "")
		least = min(least, took)
	}
	return least
}

// A plain HTTP client that asks as a user sees what users see: their round trip, their region, nobody while that is gone and
// not found out, and the next one after. It is in no number of the population's.
func TestAVisitorSeesWhatUsersSee(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		const far = 120 * time.Millisecond
		l := newLab(t, func(c *Config) {
			c.Spec.Users[0].RTT = map[string]time.Duration{"a": far, "b": far + 60*time.Millisecond, "c": 2 * far}
			c.Spec.Users[0].Rate, c.Spec.Users[0].Timeout = 0.001, 700*time.Millisecond // nobody else asks there
			c.Spec.Users[0].Entry = topology.EntryLB
		})
		l.until("users ask", func(s *drill.State) bool { return s.Phase == drill.PhaseRunning && s.VisitorURL != "" })
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		url := l.state.VisitorURL

		b, res, took := l.asks(client, http.MethodGet, "/near-a/", "")
		if res.Header.Get(visitor.HeaderRegion) != "a" || b.Region == nil || *b.Region != "a" {
			t.Errorf("read: %+v of %s, want of a", b, res.Header.Get(visitor.HeaderRegion))
		}
		if took := l.quickest(client, "/near-a/"); took < far || took > 3*far/2 {
			t.Errorf("a round trip of %s takes %s", far, took)
		}
		w, res, _ := l.asks(client, http.MethodPost, "/near-a/orders", "hello")
		if res.StatusCode != http.StatusCreated || w.ConfirmedBy == nil || *w.ConfirmedBy != "a" {
			t.Fatalf("write: %s %+v", res.Status, w)
		}
		if b, _, _ := l.asks(client, http.MethodGet, res.Header.Get("Location"), ""); b.Found == nil || !*b.Found || b.Bytes != len("hello") {
			t.Errorf("what was written reads as %+v", b)
		}
		if b, _, _ := l.asks(client, http.MethodGet, "/near-b/", ""); *b.Region != "b" {
			t.Errorf("as another: of %s", *b.Region)
		}
		if took := l.quickest(client, "/near-b/"); took > far {
			t.Errorf("a round trip of another's takes %s", took)
		}

		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		silent := time.Duration(0)
		for began := time.Now(); ; {
			if b, res, took = l.asks(client, http.MethodGet, "/?as=near-a", ""); b.Failure == nil && *b.Region == "b" {
				break
			}
			if b.Failure != nil && res.StatusCode == http.StatusGatewayTimeout && res.Header.Get(visitor.HeaderRegion) == "a" {
				silent = max(silent, took)
			}
			if time.Since(began) > 20*time.Second {
				t.Fatalf("still %+v", b)
			}
		}
		if silent < 600*time.Millisecond {
			t.Errorf("a dead region answered within %s: users wait for it in vain", silent)
		}
		if took := l.quickest(client, "/near-a/"); took < far+60*time.Millisecond {
			t.Errorf("the region that is left is farther away, and takes %s", took)
		}
		l.until("it is sampled", func(s *drill.State) bool {
			return len(s.Visitors) == 2 && s.Visitors[1].LastRegion == "b" && s.Visitors[1].TotalFailed > 0 // who asked last is the last
		})
		v := *l.state.Visitors[1]
		if v.Population != "near-a" || v.TotalWrites != 1 || v.TotalServedBy["a"] < 3 || v.TotalFailures["timeout"] == 0 || v.TotalMax == nil || *v.TotalMax < far {
			t.Errorf("counted: %+v", v)
		}
		if own := l.state.Population("near-a").Last; own.TotalRequests > 3 {
			t.Errorf("its population is said to have sent %d requests", own.TotalRequests)
		}
		told := l.told()
		for _, line := range []string{"ask as a user yourself, by curl or browser: " + url, "you, as a user of near-a: a answered in ", "you, as a user of near-a: no answer in time", "you, as a user of near-a: b answered in "} {
			if !strings.Contains(told, line) {
				t.Errorf("the timeline lacks %q", line)
			}
		}
		l.end()
		if _, err := client.Get(url); err == nil {
			t.Error("somebody answers there after the drill")
		}
		if n := counted(l.state.Visitors); n < 8 {
			t.Errorf("%d requests at the end", n)
		}
	})
}

func counted(all []*telemetry.Visitor) (n int) {
	for _, v := range all {
		n += v.TotalRequests
	}
	return n
}
