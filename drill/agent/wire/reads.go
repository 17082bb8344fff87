package wire

import (
	"context"
	"net/http"
	"net/url"
)

// QueryReads says of a read where it is to be answered: topology.ReadsAuthority, or "" in the nearest replica.
const QueryReads = "reads"

// Read looks a write up as a user would, where reads says (QueryReads).
func (c *Client) Read(ctx context.Context, dataset, id, reads string) (Found, error) {
	return ask[Found](ctx, c, request{method: http.MethodGet, path: PathApp + url.PathEscape(dataset) + "/" + url.PathEscape(id), query: readsQuery(reads), timed: true})
}

// RouteRead has the region's gateway look a write up: in the nearest replica, its own if it holds one, or where reads says.
func (c *Client) RouteRead(ctx context.Context, dataset, id, reads string) (Found, error) {
	return ask[Found](ctx, c, request{method: http.MethodGet, path: PathRead + url.PathEscape(dataset) + "/" + url.PathEscape(id), query: readsQuery(reads), timed: true})
}

func readsQuery(reads string) url.Values {
	if reads == "" {
		return nil
	}
	return url.Values{QueryReads: {reads}}
}

// Lookup looks a write up in the region's replica. With leading it refuses with store.ErrNotAuthority where it does not lead, and
// with store.ErrFenced where its lease is over: then another one may lead, and know of writes that it lacks.
func (c *Client) Lookup(ctx context.Context, dataset, id string, leading bool) (Found, error) {
	query := url.Values{"id": {id}}
	if leading {
		query.Set("leading", "1")
	}
	return ask[Found](ctx, c, request{method: http.MethodGet, path: verb(dataset, StoreLookup), query: query, timed: true})
}
