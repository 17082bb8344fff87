package wire

import (
	"context"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// DiskRequest has the disk under a replica fail, or work again.
type DiskRequest struct {
	Fault store.DiskFault `json:"fault"`
}

// DiskTried is what came of a write that the replica tried after that.
type DiskTried struct {
	// Waited is for how long it has not come to an end; 0 where it has.
	Waited time.Duration `json:"waited,omitempty"`
	// Refused is the error that it ended with; "" where it is on disk, or has not ended.
	Refused string `json:"refused,omitempty"`
}

// SetDisk has the disk under the replica of a dataset fail, or work again. The answer is no error only where a write that was
// tried then shows it.
func SetDisk(ctx context.Context, c *Client, dataset string, fault store.DiskFault) (DiskTried, error) {
	return ask[DiskTried](ctx, c, request{method: http.MethodPut, path: verb(dataset, StoreDisk), body: DiskRequest{Fault: fault}, replay: true})
}
