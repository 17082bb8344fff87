package traffic

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

func TestArrivalsArePoisson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.meet(takes(20 * ms))
		w.run(t, func() { time.Sleep(100 * time.Second) })

		// 10,000 are due; the count of a Poisson process has the variance of its mean.
		heard := w.all()
		n := len(heard)
		if math.Abs(float64(n)-10000) > 5*100 {
			t.Errorf("%d requests in 100 s at 100/s", n)
		}
		// Gaps are exponential: as wide as their mean, and 1/e of them longer than it.
		var sum, square float64
		long := 0
		for i := 1; i < n; i++ {
			gap := (heard[i].at - heard[i-1].at).Seconds()
			sum, square = sum+gap, square+gap*gap
			if gap > 0.010 {
				long++
			}
		}
		mean := sum / float64(n-1)
		if spread := math.Sqrt(square/float64(n-1)-mean*mean) / mean; math.Abs(spread-1) > 0.05 {
			t.Errorf("gaps spread %.3f of their mean, want 1", spread)
		}
		if share := float64(long) / float64(n-1); math.Abs(share-1/math.E) > 0.02 {
			t.Errorf("%.3f of the gaps are longer than the mean, want 0.368", share)
		}
		writes := 0
		for _, a := range w.all() {
			if a.write != nil {
				writes++
			}
		}
		if share := float64(writes) / float64(n); math.Abs(share-0.25) > 5*math.Sqrt(0.25*0.75/10000) {
			t.Errorf("%.3f write, want 0.25", share)
		}
	})
}

// What is asked depends on the seed alone, not on what comes back.
func TestSeedDecidesWhatIsAsked(t *testing.T) {
	type key struct {
		at      time.Duration
		dataset string
		write   string
	}
	play := func(seed uint64, how func(asked) error) (list []key) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(c *UsersConfig) {
				c.Seed = seed
				c.Run = fmt.Sprint("run", len(list))
				c.Fleet.Datasets = []topology.Dataset{{Name: "orders"}, {Name: "carts"}, {Name: "stock"}}
			})
			w.meet(how)
			w.run(t, func() { time.Sleep(10 * time.Second) })
			for _, a := range w.all() {
				k := key{at: a.at, dataset: a.dataset}
				if a.write != nil {
					k.write = string(a.write.Payload)
				}
				list = append(list, k)
			}
		})
		return list
	}
	first := play(7, takes(0))
	if again := play(7, takes(300*ms)); !slices.Equal(first, again) {
		t.Errorf("slower answers changed the questions: %d and %d of them", len(first), len(again))
	}
	if other := play(8, takes(0)); slices.Equal(first, other) {
		t.Error("another seed asks the same")
	}
	by := map[string]int{}
	for _, k := range first {
		by[k.dataset]++
	}
	for _, d := range []string{"orders", "carts", "stock"} {
		if n := by[d]; math.Abs(float64(n)-float64(len(first))/3) > 5*math.Sqrt(1000*2/9.) {
			t.Errorf("%s is asked for %d of %d times", d, n, len(first))
		}
	}
}

// A stall must show in the latencies of all that were due in it, at the rate at
// which they were due, and must not keep anybody from asking.
func TestAStallIsNotHidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.meet(takes(10 * ms))
		w.run(t, func() {
			w.sample()
			stallEnds := w.now() + time.Second
			w.meet(func(a asked) error { return takes(max(10*ms, stallEnds-a.at))(a) })
			time.Sleep(2 * time.Second)
			s := w.sample()
			if s.Failed != 0 || s.Requests < 140 || s.Requests > 260 {
				t.Errorf("%d requests, %d failed, in 2 s at 100/s", s.Requests, s.Failed)
			}
			// Half of those of two seconds were due in the stall: p50 is where it ends, p99 nearly all of it.
			if *s.P50 < 10*ms || *s.P50 > 150*ms || *s.P99 < 900*ms || *s.P99 > 1010*ms {
				t.Errorf("p50 %s, p99 %s", *s.P50, *s.P99)
			}
		})
	})
}

// Lateness of this program itself counts too: latency is from the due time, and so is the
// time limit. It affects nobody, and what it comes to too late it does not send.
func TestLateSendingCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.meet(takes(10 * ms))
		time.Sleep(10 * time.Second)
		p := w.users.populations[0]
		ask := func(late time.Duration) telemetry.Population {
			q := p.draw(w.now() - late)
			p.ask(t.Context(), q)
			w.users.shared.requests.Wait()
			return w.sample()
		}
		p.metrics.limit = 20 * ms
		if s := ask(240 * ms); s.Max == nil || (*s.Max).Round(ms) != 250*ms || s.AskedNow != 1 || s.AffectedNow != 0 {
			t.Errorf("sent 240 ms late, answered in 10 ms: at most %v, %d of %d affected", s.Max, s.AffectedNow, s.AskedNow)
		}
		p.spec.Timeout = 245 * ms
		if s := ask(240 * ms); s.Failures["timeout"] != 1 {
			t.Errorf("sent 5 ms before the limit, answered in 10 ms: %+v", s)
		}
		p.spec.Timeout = 2 * time.Second
		if s := ask(251 * ms); s.Requests != 0 || s.Failed != 0 || s.NotSent != 1 || s.TotalNotSent[telemetry.UnsentLate] != 1 {
			t.Errorf("sent 251 ms late: %+v", s)
		}
	})
}

func TestFailuresAreNamed(t *testing.T) {
	refuse := func(code wire.Code) func(asked) error {
		return func(asked) error { return &wire.Error{Code: code, Region: "us"} }
	}
	fails := func(err error) func(asked) error { return func(asked) error { return err } }
	tests := []struct {
		name   string
		change func(*UsersConfig)
		how    func(asked) error
		want   string
	}{
		{"hangs", nil, hangs, "timeout"},
		{"refuses", nil, fails(syscall.ECONNREFUSED), "refused"},
		{"resets", nil, fails(syscall.ECONNRESET), "reset"},
		{"knows of no authority", nil, refuse(wire.CodeNoAuthority), "no authority"},
		{"is fenced", nil, refuse(wire.CodeFenced), "fenced"},
		{"sheds", nil, refuse(wire.CodeShed), "shed"},
		{"upstream", nil, refuse(wire.CodeUpstream), "upstream"},
		{"another region has the address", func(c *UsersConfig) {
			c.Target = func(_, _ string) string { return "http://eu" }
		}, takes(0), "wrong region"},
		{"nobody is up", func(c *UsersConfig) {
			c.Route = func(string) (string, error) { return "", policy.ErrNoRegion }
		}, takes(0), "no region"},
		{"no address", func(c *UsersConfig) {
			c.Target = func(_, _ string) string { return "" }
		}, takes(0), "no address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tt.change)
				w.meet(tt.how)
				w.run(t, func() {
					time.Sleep(4 * time.Second)
					s := w.sample()
					if s.Requests < 150 || s.OK != 0 || s.Failed != s.Requests || s.Failures[tt.want] != s.Failed ||
						s.P50 != nil || s.P99 != nil || s.TotalP99 != nil || len(s.ServedBy) != 0 {
						t.Errorf("%+v", s)
					}
					if s.AffectedNow == 0 || s.AffectedNow != s.AskedNow {
						t.Errorf("%d of %d users hurt, though every request failed", s.AffectedNow, s.AskedNow)
					}
				})
			})
		})
	}
}

func TestTooManyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.InFlight = 30 })
		w.meet(hangs)
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			s := w.sample()
			// 30 time out every two seconds; what falls due beyond them can't be sent.
			if s.Failures["timeout"] < 100 || s.Failures["timeout"] > 150 || s.NotSent < 700 || s.Inflight != 30 {
				t.Errorf("%v, %d not sent, %d in flight", s.Failures, s.NotSent, s.Inflight)
			}
			if s.Failures["timeout"] != s.Requests || s.TotalNotSent[telemetry.UnsentInFlight] != s.NotSent {
				t.Errorf("%v of %d; %v of %d were not sent", s.Failures, s.Requests, s.TotalNotSent, s.NotSent)
			}
			if n := len(w.all()); n != s.Failures["timeout"]+30 {
				t.Errorf("%d reached the region", n)
			}
		})
	})
}

func TestSampleAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			var requests, failed int
			served := map[string]int{}
			for n := range 20 {
				switch n {
				case 5:
					w.meet(func(asked) error { return syscall.ECONNRESET })
				case 10:
					w.meet(takes(5 * ms))
					w.reroute("americas", "eu")
				}
				time.Sleep(500 * ms)
				all := w.users.Sample()
				s := all.Populations[0]
				if all.Window != 500*ms || s.Population != "americas" {
					t.Errorf("window %s of %s", all.Window, s.Population)
				}
				requests += s.Requests
				failed += s.Failed
				for region, n := range s.ServedBy {
					served[region] += n
				}
				if s.OK+s.Failed != s.Requests || s.TotalRequests != requests || s.TotalFailed != failed || !maps.Equal(s.TotalServedBy, served) {
					t.Fatalf("sample %d does not add up: %+v", n, s)
				}
			}
			if served["us"] == 0 || served["eu"] == 0 || failed == 0 {
				t.Errorf("served by %v, %d failed", served, failed)
			}
			s := w.sample()
			if s.Requests != 0 || s.P50 == nil || s.WriteP99 == nil || s.TotalP99 == nil || s.TotalWriteP50 == nil {
				t.Errorf("a sample without requests, in a window with many: %+v", s)
			}
		})
	})
}

func TestWritesGoThroughTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Run = "drill1" })
		bad := ""
		w.meet(func(a asked) error {
			if a.write == nil {
				return nil
			}
			if known, ok := w.ledger.find("orders", a.write.ID); !ok || known.State != ledger.Pending {
				w.mu.Lock()
				bad = fmt.Sprintf("%s reached the region as %+v %v", a.write.ID, known, ok)
				w.mu.Unlock()
			}
			if a.at > 5*time.Second {
				return syscall.ECONNRESET
			}
			return takes(10 * ms)(a)
		})
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			synctest.Wait()
			ids, payloads, acked, given := map[string]bool{}, map[string]bool{}, 0, 0
			for _, a := range w.all() {
				if a.write == nil {
					continue
				}
				ids[a.write.ID], payloads[string(a.write.Payload)] = true, true
				if len(a.write.Payload) != DefaultPayload {
					t.Fatalf("payload of %d bytes", len(a.write.Payload))
				}
				switch known, _ := w.ledger.find("orders", a.write.ID); known.State {
				case ledger.Acknowledged:
					acked++
					if known.By != "eu" || known.Epoch != 7 || known.Ended < known.Sent+10*ms {
						t.Fatalf("acknowledged as %+v", known)
					}
				case ledger.Unacknowledged:
					given++
					if known.By != "reset" || known.Sent <= 5*time.Second {
						t.Fatalf("given up as %+v", known)
					}
				}
			}
			if bad != "" {
				t.Error(bad)
			}
			if len(ids) != len(payloads) || len(ids) < 150 || !ids["drill1-1"] {
				t.Errorf("%d ids, %d payloads", len(ids), len(payloads))
			}
			if acked < 80 || given < 80 || acked != len(w.acks) || w.acks[0] != "orders/eu" {
				t.Errorf("%d acknowledged, %d given up, %d told", acked, given, len(w.acks))
			}
		})
	})
}

func TestReadsAreOfWhatIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			time.Sleep(60 * time.Second)
			s := w.sample()
			if s.Stale != 0 || s.Failed != 0 {
				t.Errorf("%d stale, %d failed", s.Stale, s.Failed)
			}
			reads, last := map[string]int{}, ""
			for _, a := range w.all() {
				if a.write == nil {
					reads[a.id]++
					last = a.id
				}
			}
			// The replica that serves from now on has nothing.
			w.mu.Lock()
			w.stored = map[string][]byte{}
			w.mu.Unlock()
			if len(reads) < 200 {
				t.Errorf("only %d writes were ever read", len(reads))
			}
			if known, _ := w.ledger.find("orders", last); known.Ended < 60*time.Second-readsBack/25*2*time.Second {
				t.Errorf("at 60 s a write of %s was read", known.Ended)
			}
			time.Sleep(time.Second)
			if s := w.sample(); s.Stale < 30 || s.OK != s.Requests || s.Failed != 0 {
				t.Errorf("an empty replica: %+v", s)
			}
		})
	})
}

func TestAFleetWithoutDatasets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Datasets = nil })
		w.run(t, func() {
			time.Sleep(time.Second)
			if s := w.sample(); s.OK < 50 || s.Failed != 0 || s.TotalWriteP50 != nil {
				t.Errorf("%+v", s)
			}
		})
	})
}

// The end of a drill is no fault of the fleet's.
func TestStoppingIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.run(t, func() {
			time.Sleep(time.Second)
			w.meet(hangs)
			time.Sleep(time.Second)
			if s := w.sample(); s.Inflight < 50 {
				t.Errorf("%d in flight", s.Inflight)
			}
		})
		s := w.sample()
		if s.TotalFailed != 0 || s.Inflight != 0 || len(w.users.populations[0].slots) != 0 {
			t.Errorf("after the end: %+v, %d slots taken", s, len(w.users.populations[0].slots))
		}
		given := 0
		for _, a := range w.all() {
			if a.write == nil {
				continue
			}
			switch known, _ := w.ledger.find("orders", a.write.ID); known.State {
			case ledger.Pending:
				t.Errorf("%s is pending for ever", a.write.ID)
			case ledger.Unacknowledged:
				given++
				if known.By != "stopped" {
					t.Errorf("given up: %s", known.By)
				}
			}
		}
		if given < 10 {
			t.Errorf("%d writes were given up", given)
		}
	})
}

func TestPopulationsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) {
			c.Fleet.Users = append(c.Fleet.Users,
				topology.Population{Name: "europe", Count: 10, Rate: 20, Timeout: time.Second},
				topology.Population{Name: "nobody", Count: 10})
		})
		w.reroute("europe", "eu")
		w.meet(func(a asked) error {
			if a.population == "europe" {
				return syscall.ECONNREFUSED
			}
			return nil
		})
		w.run(t, func() {
			time.Sleep(10 * time.Second)
			all := w.users.Sample().Populations
			got := map[string]bool{}
			for _, s := range all {
				got[fmt.Sprintf("%s answered %v failed %v by us alone %v", s.Population, s.OK > 0, s.Failed > 0, slices.Equal(slices.Collect(maps.Keys(s.ServedBy)), []string{"us"}))] = true
			}
			want := map[string]bool{
				"americas answered true failed false by us alone true": true,
				"europe answered false failed true by us alone false":  true,
				"nobody answered false failed false by us alone false": true,
			}
			if !maps.Equal(got, want) {
				t.Errorf("got %v", got)
			}
		})
	})
}
