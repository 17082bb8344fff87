package runbook

// Require is what must be so before the first step, beside the steady state. Its zero value asks for nothing.
type Require struct {
	// LagUnder is how many writes a replica may not be behind its leader, nor more; nil is not asked for.
	LagUnder *int `json:"lag_under,omitempty"`
	// NMinusOne asks that the others take the users of any one region that is lost, with all that falls with it.
	NMinusOne bool `json:"n_minus_1,omitempty"`
	// Ready asks that every region that may lead a dataset is ready to, as the preflight has it.
	Ready bool `json:"ready,omitempty"`
}
