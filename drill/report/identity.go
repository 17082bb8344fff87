package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// Identity is what a region's gateway, the hub's or the failover controller (Who is "control") held at the end: its SPIFFE ID,
// the end of its certificate, null where it had none, and whom it refused since it started.
type Identity struct {
	Who         string       `json:"who"`
	ID          string       `json:"spiffe_id"`
	TrustDomain string       `json:"trust_domain"`
	Until       *time.Time   `json:"certificate_until"`
	Bundles     []string     `json:"trusts_domains"`
	Refused     []Distrusted `json:"refused"`
}

// Distrusted is whom one refused, for which reason, and how often.
type Distrusted struct {
	Whom   string `json:"whom"` // a SPIFFE ID; "" of one who showed none
	Reason string `json:"reason"`
	Text   string `json:"text"`
	Times  uint64 `json:"times"`
}

func identityOf(i *drill.IdentityState) Identity {
	out := Identity{Who: i.Who, ID: i.ID, TrustDomain: identity.Domain(i.ID), Bundles: slices.Sorted(maps.Keys(i.Bundles)), Refused: []Distrusted{}}
	if i.SVID != nil {
		out.Until = &i.SVID.Until
	}
	for _, t := range i.Refusals {
		out.Refused = append(out.Refused, Distrusted{Whom: t.Peer, Reason: string(t.Reason), Text: format.Distrust(i.Who, t), Times: t.Times})
	}
	return out
}

// identities writes who refused whom, and nothing of who trusted everybody.
func (r Report) identities(w io.Writer) {
	for _, i := range r.Identities {
		for _, d := range i.Refused {
			fmt.Fprintf(w, "no trust\t%s\t%s\n", format.Plural(d.Times, "time", "times"), d.Text)
		}
	}
}
