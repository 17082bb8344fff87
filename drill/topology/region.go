package topology

// Region is one place that serves users: one kind cluster or one child process.
type Region struct {
	Name         string `json:"name"`
	Place        string `json:"place,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// Cluster is the name of the failure domain that the region shares with others of the
	// same name: what takes one of them away takes all. "" is a domain of its own.
	Cluster string `json:"cluster,omitempty"`
	// Web is how many web replicas the region begins with, where that is not the fleet's (Fleet.Web); 0 is none.
	Web *int `json:"web,omitempty"`
	// Zones is how many zones the region has; 0 is none. StoreZone is the letter of the one that has the store; "" is the
	// first.
	Zones     int    `json:"zones,omitempty"`
	StoreZone string `json:"store_zone,omitempty"`
	// Environment and Team say what the region is for and whose it is: "prod", "payments". "" is everybody's.
	Environment string `json:"environment,omitempty"`
	Team        string `json:"team,omitempty"`
	// Discovery is how its gateway finds authorities, where that is not the fleet's.
	Discovery string `json:"discovery,omitempty"`
	// Kind is the region's own kind config, as YAML, which was read with the fleet file: nodes, mounts, patches. "" is none.
	// A local fleet has no use for it.
	Kind string `json:"kind,omitempty"`
}

// ClusterName is the name of the kind cluster of a fleet's region that has one to itself,
// or of a cluster that regions share (Region.Cluster).
func ClusterName(fleet, name string) string { return "fleetdrill-" + fleet + "-" + name }

// ClusterNameMax is how many letters that may have: kind adds "-control-plane" for the
// node, whose name is a host name and a label's value in Kubernetes, of at most 63 each.
const ClusterNameMax = 63 - len("-control-plane")
