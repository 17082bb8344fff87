package telemetry

// Pod is a pod, or in a local fleet one replica of the agent's web tier.
type Pod struct {
	Name  string `json:"name"`
	Role  string `json:"role"` // "web", "store", "gateway"
	Phase string `json:"phase"`
	Ready bool   `json:"ready"`
	Zone  string `json:"zone,omitempty"` // of the region that has some
}

// Zone is a zone of a region, as its platform sees it: whether all that should run there can. Node is the machine that it
// is; "" where it is processes of this one, of whose end the system tells who talks to them.
type Zone struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	Node  string `json:"node,omitempty"`
}
