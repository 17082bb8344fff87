package wire

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Health probes the region by way of a web replica.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return ask[Health](ctx, c, request{method: http.MethodGet, path: PathHealth})
}

// Web asks which web replicas answer the region's gateway, one by one. Only an
// agent that runs them itself (local fleet) can tell them apart.
func (c *Client) Web(ctx context.Context) ([]Health, error) {
	return ask[[]Health](ctx, c, request{method: http.MethodGet, path: PathWeb})
}

// SetWeb closes the web tier of a region that is one process, or has it serve again.
func SetWeb(ctx context.Context, c *Client, serve bool) error {
	_, err := ask[[]Health](ctx, c, request{method: http.MethodPut, path: PathWeb, body: WebRequest{Serve: serve}})
	return err
}

// Zones asks what runs in the region's zones. Only an agent that runs them itself (local fleet) knows.
func Zones(ctx context.Context, c *Client) ([]ZoneProcess, error) {
	return ask[[]ZoneProcess](ctx, c, request{method: http.MethodGet, path: PathZones})
}

// BeginZone has a process of a zone started that has ended, and returns once it answers.
func BeginZone(ctx context.Context, c *Client, name string) ([]ZoneProcess, error) {
	return ask[[]ZoneProcess](ctx, c, request{method: http.MethodPost, path: PathZones + "/" + url.PathEscape(name)})
}

// Write sends a user's write to the region's web tier. It is sent once.
func (c *Client) Write(ctx context.Context, dataset string, w store.Write) (Written, error) {
	return ask[Written](ctx, c, request{method: http.MethodPost, path: PathApp + url.PathEscape(dataset), body: w, timed: true})
}

// Route hands a write to the region's gateway, which passes it to the authority.
func (c *Client) Route(ctx context.Context, dataset string, w store.Write) (Written, error) {
	return ask[Written](ctx, c, request{method: http.MethodPost, path: PathWrite + url.PathEscape(dataset), body: w, replay: true, timed: true})
}

// Status is the region's agent now.
func (c *Client) Status(ctx context.Context) (RegionStatus, error) {
	return ask[RegionStatus](ctx, c, request{method: http.MethodGet, path: PathStatus})
}

// PutTopology sends the fleet's topology, which replaces the one that the region holds.
func (c *Client) PutTopology(ctx context.Context, t Topology) (RegionStatus, error) {
	return ask[RegionStatus](ctx, c, request{method: http.MethodPut, path: PathTopology, body: t, replay: true})
}

// StoreStatus is the region's replica of the dataset now.
func (c *Client) StoreStatus(ctx context.Context, dataset string) (store.Status, error) {
	return ask[store.Status](ctx, c, request{method: http.MethodGet, path: verb(dataset, StoreStatus)})
}

// Append writes to the region's replica, which must be the authority. The epoch
// is the one the caller believes in; a replica that knows another one answers
// ErrStaleEpoch and stores nothing. 0 does not say.
func (c *Client) Append(ctx context.Context, dataset string, epoch uint64, w store.Write) (store.Ack, error) {
	r := request{method: http.MethodPost, path: verb(dataset, StoreAppend), body: w, replay: true, timed: true}
	r.header = http.Header{}
	if epoch != 0 {
		r.header.Set(HeaderEpoch, strconv.FormatUint(epoch, 10))
	}
	if secret, has := ctx.Value(credentials{}).(string); has {
		r.header.Set(HeaderSecret, secret)
	}
	return ask[store.Ack](ctx, c, r)
}

// Promote makes the region's replica the authority in epoch, without a lease yet.
func (c *Client) Promote(ctx context.Context, dataset string, epoch uint64) (store.Status, error) {
	return c.command(ctx, dataset, StorePromote, EpochRequest{Epoch: epoch})
}

// Grant lets the authority of epoch serve writes until lease after the echoed reading of its own clock.
func (c *Client) Grant(ctx context.Context, dataset string, epoch uint64, echo store.Clock, lease time.Duration) (store.Status, error) {
	return c.command(ctx, dataset, StoreGrant, GrantRequest{Epoch: epoch, Echo: echo, Lease: lease})
}

// Fence stops writes in every epoch below the given one.
func (c *Client) Fence(ctx context.Context, dataset string, epoch uint64) (store.Status, error) {
	return c.command(ctx, dataset, StoreFence, EpochRequest{Epoch: epoch})
}

// Follow lets the region's replica copy from the authority of epoch.
func (c *Client) Follow(ctx context.Context, dataset, authority string, epoch uint64) (store.Status, error) {
	return c.command(ctx, dataset, StoreFollow, FollowRequest{Authority: authority, Epoch: epoch})
}

// Preload fills the region's replica with its dataset's weight, unless it holds
// something already; it returns once all is on disk, however long that takes.
func (c *Client) Preload(ctx context.Context, dataset string, bytes int64, lead bool) (store.Status, error) {
	return c.command(ctx, dataset, StorePreload, PreloadRequest{Bytes: bytes, Lead: lead})
}

// Copy has the region's replica copy all that its authority holds: StoreReseed drops what is there first, StoreSnapshot
// ships a snapshot now.
func (c *Client) Copy(ctx context.Context, dataset, how string) (store.Status, error) {
	return c.command(ctx, dataset, how, nil)
}

// command posts a verb that does no harm twice and answers the replica's status after it.
func (c *Client) command(ctx context.Context, dataset, name string, body any) (store.Status, error) {
	return ask[store.Status](ctx, c, request{method: http.MethodPost, path: verb(dataset, name), body: body, replay: true})
}

// ask sends r and returns the answer as a T; the zero T beside an error.
func ask[T any](ctx context.Context, c *Client, r request) (T, error) {
	var answer T
	if err := c.call(ctx, r, &answer); err != nil {
		var none T
		return none, err
	}
	return answer, nil
}

func verb(dataset, name string) string { return PathStore + url.PathEscape(dataset) + "/" + name }
