package action

// Rig is what an action is done with: ports to what it works on.
type Rig struct{}

// Proof is what showed that an action took effect.
type Proof struct {
	Text string
}
