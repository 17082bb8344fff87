package agent

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	outside "github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A region whose store fails looks well: its port, its health page, its web tier and its status answer, what is stored is read, and no
// write is confirmed until the disk works again.
func TestAStoreThatFailsInARegionThatLooksWell(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Engines = DefaultEngines() }, "us-east", "eu-west")
	l.data.Engine = store.EngineLog
	l.lead("us-east", 1)
	if _, err := l.write("eu-west", "before"); err != nil {
		t.Fatal(err)
	}
	r := l.regions["us-east"]
	stores := outside.StoresAt(r.agent.Addr(), "us-east", testToken)
	for _, tt := range []struct {
		fault store.DiskFault
		proof string
	}{
		{store.DiskHangs, "a write to orders has not completed in 300 ms"},
		{store.DiskFull, "a write to orders is refused: no space left on device"},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			proof, err := stores.Break(t.Context(), tt.fault)
			if err != nil || !strings.HasPrefix(proof, tt.proof) || !strings.HasSuffix(proof, "; its gateway and web tier answer") {
				t.Fatalf("proof %q, %v, want %q", proof, err, tt.proof)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if _, err := r.client.Write(ctx, orders, store.Write{ID: string(tt.fault)}); err == nil {
				t.Error("a write is confirmed")
			}
			if _, err := outside.Probe(t.Context(), r.agent.Addr(), "us-east"); err != nil {
				t.Errorf("its health page: %v", err)
			}
			if found, err := r.client.Lookup(t.Context(), orders, "before", false); err != nil || !found.Found {
				t.Errorf("what is stored is not read: %+v, %v", found, err)
			}
			wait(t, "its store to say so", func() bool {
				s, err := r.client.StoreStatus(t.Context(), orders)
				return err == nil && s.Disk == tt.fault && s.Stalled >= time.Second && s.StalledBy != ""
			})
			if err := stores.Mend(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := l.write("eu-west", "after-"+string(tt.fault)); err != nil {
				t.Errorf("once it works again: %v", err)
			}
		})
	}
	if _, err := wire.SetDisk(t.Context(), r.client, orders, "melts"); !errors.Is(err, wire.ErrBad) || !strings.Contains(err.Error(), "use hangs or full") {
		t.Errorf("a fault that is none: %v", err)
	}
	if _, err := wire.SetDisk(t.Context(), r.as("us-east", "guess"), orders, store.DiskHangs); !errors.Is(err, wire.ErrUnauthorized) {
		t.Errorf("a stranger's: %v", err)
	}
}

// A standby without a web tier has a disk, too, which fails as any other.
func TestAStoreThatFailsWithoutAWebTier(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Engines = DefaultEngines() }, "us-east")
	l.data.Engine = store.EngineLog
	l.lead("us-east", 1)
	r := l.regions["us-east"]
	if _, err := wire.ScaleWeb(t.Context(), r.as("us-east", testToken), 0); err != nil {
		t.Fatal(err)
	}
	stores := outside.StoresAt(r.agent.Addr(), "us-east", testToken)
	proof, err := stores.Break(t.Context(), store.DiskFull)
	if want := "a write to orders is refused: no space left on device; its gateway answers, and has no web replica"; err != nil || proof != want {
		t.Errorf("proof %q, %v, want %q", proof, err, want)
	}
	if err := stores.Mend(t.Context()); err != nil {
		t.Error(err)
	}
}

// A fault that does not show is none, and what can't be broken is left as it was.
func TestADiskThatCannotBeBroken(t *testing.T) {
	l := newLab(t, nil, "us-east")
	l.lead("us-east", 1)
	stores := outside.StoresAt(l.regions["us-east"].agent.Addr(), "us-east", testToken)
	if _, err := stores.Break(t.Context(), store.DiskFull); err == nil || !strings.Contains(err.Error(), "orders: ") || !strings.Contains(err.Error(), "can't be made to fail") {
		t.Errorf("an engine without a disk: %v", err)
	}
	res := get(t, http.MethodPut, l.regions["us-east"].url()+"/v1/store/orders/disk", http.Header{wire.HeaderToken: {testToken}})
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("a request without a fault: %d", res.StatusCode)
	}
	for _, tt := range []struct {
		fault store.DiskFault
		err   error
		ok    bool
	}{
		{store.DiskHangs, nil, false}, {store.DiskFull, nil, false}, {store.DiskWorks, nil, true},
		{store.DiskHangs, context.DeadlineExceeded, true}, {store.DiskFull, context.DeadlineExceeded, false}, {store.DiskWorks, context.DeadlineExceeded, false},
	} {
		if _, err := diskTried(tt.fault, time.Second, tt.err); (err == nil) != tt.ok {
			t.Errorf("a write that came to %v on a disk that %s: %v", tt.err, told(tt.fault), err)
		}
	}
}
