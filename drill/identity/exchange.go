package identity

import "time"

// Status is what a workload says of itself to the signer.
type Status struct {
	ID string `json:"id"`
	Holding
	// Request is a certificate signing request (PKCS #10, DER) where it wants a certificate now. Its key stays where it is.
	Request []byte `json:"request,omitempty"`
	// Ahead is by how much its clock is set wrong: Now has it.
	Ahead time.Duration `json:"ahead,omitempty"`
	// Refusals are whom it refused since it started.
	Refusals []Tally `json:"refusals,omitempty"`
}

// Grant is what the signer gives a workload. A field that is nil leaves what the workload has.
type Grant struct {
	// Chain is its certificate, DER, and what leads to the authority.
	Chain [][]byte `json:"chain,omitempty"`
	// Bundles are the authorities, DER, by trust domain. They take the place of those before.
	Bundles map[string][][]byte `json:"bundles,omitempty"`
	// Gateways are the IDs of all regions' gateways and the hub's, by name; Controllers those who may command.
	Gateways    map[string]string `json:"gateways,omitempty"`
	Controllers []string          `json:"controllers,omitempty"`
	// RotateBefore is how long before its end a certificate is to be asked for anew.
	RotateBefore time.Duration `json:"rotate_before,omitempty"`
	// Renew has it ask for another certificate at once.
	Renew bool `json:"renew,omitempty"`
	// Ahead is by how much the workload's clock is wrong, as a fault: validity alone goes by it.
	Ahead *time.Duration `json:"ahead,omitempty"`
}
