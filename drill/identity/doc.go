// Package identity is who may speak to whom in a fleet: the SPIFFE IDs and certificates that workloads show, whom each of
// them trusts, and why one refuses another. It knows no cryptography: what it says of a certificate was read out of one.
package identity
