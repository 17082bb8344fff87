package wire

import (
	"context"
	"net/http"
)

// Live probes the very process that answers at the client's address, whatever its role.
func Live(ctx context.Context, c *Client) (Health, error) {
	return ask[Health](ctx, c, request{method: http.MethodGet, path: PathLive})
}

// ScaleWeb has the client's region run so many web replicas, and lists them. Only an agent that runs them itself can.
func ScaleWeb(ctx context.Context, c *Client, replicas int) ([]Health, error) {
	return ask[[]Health](ctx, c, request{method: http.MethodPut, path: PathReplicas, body: Scale{Replicas: replicas}, replay: true})
}
