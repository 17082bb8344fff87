package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// region says of two replicas that the disk of one hangs, once it was asked so often; it counts what is mended.
func region(silent int32, mended *atomic.Int32) http.HandlerFunc {
	var asked atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderRegion, "us-east")
		switch {
		case r.Method == http.MethodPut:
			mended.Add(1)
			_ = json.NewEncoder(w).Encode(wire.DiskTried{})
		case asked.Add(1) <= silent:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_ = json.NewEncoder(w).Encode(wire.RegionStatus{Region: "us-east", Stores: []store.Status{{Dataset: "orders", Disk: store.DiskHangs}, {Dataset: "carts"}}})
		}
	}
}

// A region that does not say at once how its disks are is asked again, and none that says nothing counts as mended.
func TestMendAsksUntilItIsAnswered(t *testing.T) {
	var mended atomic.Int32
	if err := StoresAt(serve(t, region(2, &mended)), "us-east", "").Mend(t.Context()); err != nil || mended.Load() != 1 {
		t.Errorf("%d disks work again, %v; want the one that hangs", mended.Load(), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*askEvery)
	defer cancel()
	began := time.Now()
	err := StoresAt(serve(t, region(1<<30, &mended)), "us-east", "").Mend(ctx)
	if err == nil || !strings.Contains(err.Error(), "ask how its stores' disks are") || time.Since(began) > mendWithin {
		t.Errorf("of a region that does not say: %v", err)
	}
}
