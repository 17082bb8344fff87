package identity

import (
	"slices"
	"strings"
	"time"
)

// SVID is what a certificate says of a workload: an X.509-SVID without the key.
type SVID struct {
	ID string `json:"id"` // spiffe://trust-domain/path
	// Authority is the key that signed it, by its identifier.
	Authority string    `json:"authority"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
}

// Cushion is how long before it is issued a certificate begins, for clocks that are behind: SPIRE's NotBeforeCushion.
const Cushion = 10 * time.Second

// Domain is the trust domain of a SPIFFE ID; "" of what is none.
func Domain(id string) string {
	rest, is := strings.CutPrefix(id, "spiffe://")
	if !is {
		return ""
	}
	domain, _, _ := strings.Cut(rest, "/")
	return domain
}

// Holding is what a workload goes by when another shows it a certificate.
type Holding struct {
	// SVID is its own; nil while it has none.
	SVID *SVID `json:"svid,omitempty"`
	// Bundles are the authorities' keys that it trusts, by trust domain.
	Bundles map[string][]string `json:"bundles,omitempty"`
	// Now is its own clock.
	Now time.Time `json:"now"`
	// Domains are the trust domains of its fleet, whether it has their bundles or not.
	Domains []string `json:"domains,omitempty"`
}

// Refuses is why a workload refuses a certificate, nil where it takes it. wanted are the IDs that it takes here; nil takes
// any. It is the one rule: a handshake asks it for the words, and a prediction whether there will be a handshake.
func (h Holding) Refuses(shown *SVID, wanted []string) *Refused {
	if shown == nil {
		return &Refused{Reason: NoCertificate}
	}
	domain := Domain(shown.ID)
	no := func(why Reason, at time.Time) *Refused {
		return &Refused{Reason: why, ID: shown.ID, Domain: domain, At: at}
	}
	keys, known := h.Bundles[domain]
	switch {
	case !known && !slices.Contains(h.Domains, domain):
		return no(WrongDomain, time.Time{})
	case !known:
		return no(UnknownAuthority, time.Time{})
	case h.Now.Before(shown.From):
		return no(NotYetValid, shown.From)
	case h.Now.After(shown.Until):
		return no(Expired, shown.Until)
	case !slices.Contains(keys, shown.Authority):
		return no(UnknownAuthority, time.Time{})
	case wanted != nil && !slices.Contains(wanted, shown.ID):
		return no(WrongID, time.Time{})
	}
	return nil
}
