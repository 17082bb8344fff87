package objects

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// resource is what a gateway follows of its cluster's objects. What carries the label came from a repository; of policies nothing
// else counts, since the platform and people have some that say nothing of other regions. A role binds whoever made it.
type resource struct {
	group, version string
	name, of       string // as paths have it, and as the type of one
	query          url.Values
}

// path is where an API server has the group.
func (r resource) path() string {
	if r.group == "" {
		return "api/" + r.version
	}
	return "apis/" + r.group + "/" + r.version
}

// typed is one, with the type that a list does not say of it.
func (r resource) typed(o apiserver.Object) config.Object {
	return config.Typed(config.Object(o), strings.TrimPrefix(r.group+"/"+r.version, "/"), r.of)
}

var (
	labelled = url.Values{"labelSelector": {config.LabelManaged + "=" + config.ManagedHere}}
	followed = []resource{
		{"", "v1", "configmaps", "ConfigMap", url.Values{"fieldSelector": {"metadata.name=" + config.Features}}},
		{"apps", "v1", "deployments", "Deployment", url.Values{"fieldSelector": {"metadata.name=" + config.Web}}},
		{"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", labelled},
		{"rbac.authorization.k8s.io", "v1", "roles", "Role", nil},
		{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", nil},
	}
)

// cluster is a region's objects where a cluster has them, as far as they are followed.
type cluster struct {
	*Rules
	log *slog.Logger

	mu      sync.Mutex        // guards what follows
	objects [][]config.Object // by the places in followed; nil is not read yet
	failed  []string          // why one can't be read, as it was logged last
}

// Follow takes the meaning of the objects that the region's own cluster has, from now until ctx ends. While its API server does not
// answer, what was known stays. A cluster runs the web tier's Deployment by itself; what its pods write with is the gateway's to show.
func Follow(ctx context.Context, server *apiserver.Server, region string, fenced bool, now func() time.Duration, log *slog.Logger) *Rules {
	c := &cluster{
		Rules: &Rules{region: region, fenced: fenced, unread: true, now: now, started: now()}, log: log,
		objects: make([][]config.Object, len(followed)), failed: make([]string, len(followed)),
	}
	for i, r := range followed {
		go server.Follow(ctx, r.path(), r.name, r.query, func(all []apiserver.Object) { c.seen(i, all) }, func(err error) { c.failing(i, err) })
	}
	return c.Rules
}

// seen is all that there is of a resource now.
func (c *cluster) seen(i int, all []apiserver.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects[i] = make([]config.Object, len(all))
	for n, o := range all {
		c.objects[i][n] = followed[i].typed(o)
	}
	var known []config.Object
	for _, objects := range c.objects {
		if objects == nil {
			return
		}
		known = append(known, objects...)
	}
	m, err := config.MeaningOf(known)
	if err != nil { // what was meant before goes on
		c.log.Warn("objects of the region can't be meant", "error", err)
		return
	}
	if c.meant.Load() == nil && !c.told.Load() {
		c.again.Store(m.Flags != nil || m.Isolated || len(m.Writers) > 0)
	}
	c.meant.Store(&m)
}

// failing logs once why a resource can't be read.
func (c *cluster) failing(i int, err error) {
	why := ""
	if err != nil {
		why = err.Error()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed[i] == why {
		return
	}
	if c.failed[i] = why; why != "" {
		c.log.Warn("objects of the region can't be read", "resource", followed[i].name, "error", why)
	}
}
