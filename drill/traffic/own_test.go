package traffic

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
)

// A write of a person's own words goes the way of any: the resolver's region, the ledger, the
// population's timeout and its counts.
func TestOwnWrites(t *testing.T) {
	for name, tt := range map[string]struct {
		how    func(asked) error
		region string
		want   Own
		failed int
	}{
		"confirmed":     {takes(40 * ms), "us", Own{Took: 40 * ms, By: "eu", Epoch: 7, Index: 1}, 0},
		"no answer":     {takes(time.Minute), "us", Own{Took: 2 * time.Second, Error: "timeout"}, 1},
		"refused":       {func(asked) error { return &wire.Error{Code: wire.CodeNoAuthority} }, "us", Own{Error: "no authority"}, 1},
		"no region":     {takes(0), "", Own{Error: "no region"}, 1},
		"another one's": {takes(40 * ms), "eu", Own{Took: 40 * ms, By: "eu", Epoch: 7, Index: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Rate = 0 })
				w.meet(tt.how)
				w.reroute("americas", tt.region)
				w.run(t, func() {
					synctest.Wait()
					id, region := "", ""
					got, err := w.users.Write(t.Context(), "americas", "orders", []byte("hello"), func(i, r string) { id, region = i, r })
					if err != nil || got != tt.want || region != tt.region || id == "" {
						t.Fatalf("%+v %v, id %q by %q, want %+v", got, err, id, region, tt.want)
					}
					if s := w.sample(); s.Requests != 1 || s.Failed != tt.failed {
						t.Errorf("%d requests, %d failed", s.Requests, s.Failed)
					}
					if tt.region == "" {
						if len(w.all()) > 0 {
							t.Error("it was sent nowhere, and heard")
						}
						return
					}
					if heard := w.all()[0]; heard.region != tt.region || string(heard.write.Payload) != "hello" || heard.write.ID != id {
						t.Errorf("heard %+v", heard)
					}
					want := ledger.Acknowledged
					if tt.want.Error != "" {
						want = ledger.Unacknowledged
					}
					if known, _ := w.ledger.find("orders", id); known.State != want {
						t.Errorf("in the ledger: %+v", known)
					}
				})
			})
		})
	}
}

// Before the users ask and once they have ended nobody writes: the ledger is checked then.
func TestOwnWritesEndWithTheUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Fleet.Users[0].Rate = 0 })
		write := func(ctx context.Context) (Own, error) {
			return w.users.Write(ctx, "americas", "orders", []byte("x"), func(string, string) {})
		}
		if _, err := write(t.Context()); !errors.Is(err, ErrNotAsking) {
			t.Errorf("before: %v", err)
		}
		w.meet(takes(time.Minute))
		done := make(chan Own, 1)
		w.run(t, func() {
			synctest.Wait()
			go func() { out, _ := write(t.Context()); done <- out }()
			time.Sleep(ms)
		})
		if got := <-done; got.Error != "stopped" || got.Took > 2*ms {
			t.Errorf("broken off by the end: %+v", got)
		}
		if _, err := write(t.Context()); !errors.Is(err, ErrNotAsking) {
			t.Errorf("after: %v", err)
		}
		if _, err := w.users.Write(t.Context(), "mars", "orders", nil, nil); err == nil {
			t.Error("somebody of mars wrote")
		}
	})
}
