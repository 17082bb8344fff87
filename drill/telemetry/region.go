package telemetry

// Pod is a pod, or in a local fleet one replica of the agent's web tier.
type Pod struct {
	Name  string `json:"name"`
	Role  string `json:"role"` // "web", "store", "gateway"
	Phase string `json:"phase"`
	Ready bool   `json:"ready"`
}
