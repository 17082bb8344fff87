package identity

// About the bytes of a handshake between two gateways, counted of real ones: TLS 1.3 with certificates both ways (RFC 8446), keys
// exchanged by X25519MLKEM768, and certificates of one elliptic-curve key and one SPIFFE ID.
const (
	CallerBytes   = 2000 // from who calls
	AnswererBytes = 2000 // from who answers
)
