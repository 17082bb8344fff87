package scenario

import (
	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// retries reads how a population's clients send a failed request again.
func (r *fleetReader) retries(n *yaml.Node) topology.Retries {
	to := topology.Retries{Backoff: topology.DefaultBackoff}
	r.mapping(n, "retries", []key{
		{"most", func(n *yaml.Node) { to.Most = r.Integer(n, "most", 1, topology.MostRetries) }, "most: 2, how often a failed request is sent again"},
		{"backoff", func(n *yaml.Node) { to.Backoff = r.Duration(n, "backoff", 0) }, ""},
		{"budget", func(n *yaml.Node) { to.Budget = r.share(n, "budget") }, ""},
	})
	return to
}
