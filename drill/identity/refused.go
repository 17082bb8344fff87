package identity

import (
	"fmt"
	"time"
)

// Reason is why a handshake was refused.
type Reason string

// The reasons.
const (
	NoCertificate    Reason = "no certificate"
	UnknownAuthority Reason = "unknown authority"
	Expired          Reason = "expired"
	NotYetValid      Reason = "not yet valid"
	WrongDomain      Reason = "wrong domain"
	WrongID          Reason = "wrong ID"
	// Malformed is a certificate that is no X.509-SVID.
	Malformed Reason = "malformed"
	// ByPeer is that the other side refused: why, it alone knows.
	ByPeer Reason = "refused by the other side"
)

// Refused is why one workload does not speak with another.
type Refused struct {
	Reason Reason `json:"reason"`
	// ID is whom the certificate is of, Domain its trust domain; "" where none was shown, or none that can be read.
	ID     string    `json:"id,omitempty"`
	Domain string    `json:"domain,omitempty"`
	At     time.Time `json:"at,omitzero"`      // the end or the beginning of its time, where that is the reason
	Detail string    `json:"detail,omitempty"` // of what else went wrong
}

// Error is the reason in words: what is wrong with what was shown.
func (r *Refused) Error() string {
	switch r.Reason {
	case NoCertificate:
		return "no certificate"
	case UnknownAuthority:
		return "unknown authority of domain " + r.Domain
	case Expired:
		return "certificate expired at " + clock(r.At)
	case NotYetValid:
		return "certificate not valid before " + clock(r.At)
	case WrongDomain:
		return fmt.Sprintf("domain %.70q is none of this fleet's", r.Domain)
	case WrongID:
		return fmt.Sprintf("%.200s is not the one that is meant", r.ID)
	}
	if r.Detail != "" {
		return string(r.Reason) + ": " + r.Detail
	}
	return string(r.Reason)
}

// clock is a moment as all clocks of a fleet can be compared: in UTC.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") + " UTC" }

// Tally is how often a workload refused another for one reason.
type Tally struct {
	Refused
	// Peer is the region that is meant, or that called, by its ID; "" where that is not known.
	Peer string `json:"peer,omitempty"`
	// Called says that this workload called; else it was called.
	Called bool   `json:"called,omitempty"`
	Times  uint64 `json:"times"`
}
