package kindfleet

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/kindcluster"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// cluster is one failure domain: a kind cluster of one node, its zones' or its own config's, and the regions in it.
type cluster struct {
	name       string
	node       string // name of the node and of its container
	kubeconfig string // path
	regions    []kube.Region
	zoneNames  []string
	own        string   // kind config
	workers    []worker // all other containers; those of the zones first

	turn chan struct{} // held by the one command on it

	mu        sync.Mutex // guards what follows
	id        string     // the node container's
	addresses map[string]string
	webs      map[string]config.Object // web tiers of governed regions, by region
	api       *kube.Cluster
	fault     fleet.Op        // the op that broke it, or ""
	broken    map[string]bool // zones that were killed or frozen, by name
	closed    bool            // a web tier was taken away
	noAPI     bool            // the API server was taken away
	ownShares int64           // the node's weight while it does not boot
	lowShares bool            // it has the weight of one that boots
}

// kubeconfigs is the folder of kubeconfigs in the fleet's record folder.
const kubeconfigs = "kubeconfigs"

// newCluster is the cluster of a region and the other regions of its domain.
func newCluster(cfg Config, first topology.Region, domain []string) (*cluster, error) {
	name := first.Name
	if len(domain) > 1 {
		name = first.Cluster
	}
	full := topology.ClusterName(cfg.Fleet.Name, name)
	if !clusterName.MatchString(full) {
		return nil, fmt.Errorf("%q is no name for a cluster: use lower case letters, digits and -", full)
	}
	if len(full) > topology.ClusterNameMax {
		return nil, fmt.Errorf("its cluster's name %q has %d letters, and a node of kind takes %d: shorten the name of the fleet, or that of the region or the cluster",
			full, len(full), topology.ClusterNameMax)
	}
	if len(domain) > kube.SlotsMax {
		return nil, fmt.Errorf("its cluster has %d regions, and one takes %d", len(domain), kube.SlotsMax)
	}
	c := &cluster{
		zoneNames: first.ZoneNames(), own: first.Kind,
		turn: make(chan struct{}, 1),
		name: full, node: full + "-control-plane", addresses: map[string]string{}, webs: map[string]config.Object{},
		kubeconfig: filepath.Join(cfg.StateDir, "fleets", cfg.Fleet.Name, kubeconfigs, name+".yaml"),
	}
	others, nodes := c.spec("").Others()
	zones := append(first.ZoneNames(), make([]string, len(others)-len(c.zoneNames))...)
	for i, node := range others {
		c.workers = append(c.workers, worker{zone: zones[i], node: node, cluster: c.name})
	}
	for i, r := range domain {
		at := kube.Region{Name: r, Namespace: kube.Namespace, Node: c.node, Slot: i, Hub: cfg.Fleet.Hub.Is(r)}
		at.Others = others[len(c.zoneNames):nodes]
		for _, w := range c.workers[:len(c.zoneNames)] {
			at.Zones = append(at.Zones, kube.Zone{Name: w.zone, Node: w.node, Store: w.zone == first.ZoneOfStore()})
		}
		if len(domain) > 1 {
			at.Namespace += "-" + r
			at.Beside = slices.DeleteFunc(slices.Clone(domain), func(other string) bool { return other == r })
		}
		c.regions = append(c.regions, at)
	}
	return c, nil
}

// await waits for the turn; the caller gives it back by release.
func (c *cluster) await(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *cluster) release() { <-c.turn }

// names is the names of the cluster's regions.
func (c *cluster) names() []string {
	names := make([]string, len(c.regions))
	for i, r := range c.regions {
		names[i] = r.Name
	}
	return names
}

// first is the name under which the cluster is on record and its commands are reported.
func (c *cluster) first() string { return c.regions[0].Name }

// region finds a region of the cluster.
func (c *cluster) region(name string) kube.Region {
	return c.regions[slices.IndexFunc(c.regions, func(r kube.Region) bool { return r.Name == name })]
}

// onRecord is the cluster as it is put on record.
func (c *cluster) onRecord() record.Cluster {
	on := record.Cluster{Region: c.first(), Name: c.name, Kubeconfig: c.kubeconfig}
	for _, w := range c.workers {
		on.Workers = append(on.Workers, record.Worker{Zone: w.zone, Node: w.node})
	}
	if len(c.regions) > 1 {
		on.Regions = c.names()
	}
	return on
}

// spec is the cluster as kind is to make it.
func (c *cluster) spec(image string) kindcluster.Cluster {
	spec := kindcluster.Cluster{Name: c.name, Kubeconfig: c.kubeconfig, Image: image, Zones: c.zoneNames, Own: c.own}
	for _, r := range c.regions {
		spec.Region = r.Name
		spec.Ports = append(spec.Ports, r.GatewayPort())
	}
	return spec
}

// kubectl is how a person would begin a command to the cluster.
func (c *cluster) kubectl() string { return "kubectl --kubeconfig " + c.kubeconfig }

// connect connects to the cluster, once.
func (c *cluster) connect() (*kube.Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.api == nil {
		api, err := kube.Connect(c.kubeconfig)
		if err != nil {
			return nil, err
		}
		c.api = api
	}
	return c.api, nil
}

// container is the id of the node's container, "" before there is one. Commands go
// to the id: a name can pass to a container that is not ours.
func (c *cluster) container() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.id
}

func (c *cluster) setContainer(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id = id
}

// setFault keeps the op that broke the cluster and returns the one before.
func (c *cluster) setFault(k fleet.Op) (was fleet.Op) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.fault = c.fault, k
	return was
}

func (c *cluster) setShares(own int64, low bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ownShares, c.lowShares = own, low
}

// shares is the node's weight while it does not boot, and whether it has that of one that does.
func (c *cluster) shares() (own int64, low bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ownShares, c.lowShares
}

func (c *cluster) faulted() fleet.Op {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// address is where a region's gateway listens, read from the node's container once.
func (c *cluster) address(ctx context.Context, e *host.Runtime, region, container string) (string, error) {
	if known := c.knownAddress(region); known != "" {
		return known, nil
	}
	node, err := e.Inspect(ctx, container)
	if err != nil {
		return "", err
	}
	address, err := node.Published(c.region(region).GatewayPort())
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addresses[region] = address
	return address, nil
}

func (c *cluster) knownAddress(region string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addresses[region]
}

func (c *cluster) forgetAddresses() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.addresses)
}

// forget drops what was known of a cluster that is gone.
func (c *cluster) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.addresses)
	c.id, c.api, c.fault, c.ownShares, c.lowShares = "", nil, "", 0, false
}

// downError is that the cluster's container does not run.
func downError(c host.Container) error {
	return fmt.Errorf("%w: its container is %s; restore it first", fleet.ErrDown, c.State.Status)
}

// of is " of a, b" where there are several regions to name, "" otherwise.
func of(regions []string) string {
	if len(regions) == 1 {
		return ""
	}
	return " of " + strings.Join(regions, ", ")
}
