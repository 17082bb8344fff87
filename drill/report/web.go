package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Web is what the stateless tiers were asked for and how they were scaled. Attempts counts each request and each retry of one;
// Amplification is how many a request took on average. They are null where nobody asked.
type Web struct {
	Attempts      *int      `json:"attempts"`
	Retries       *int      `json:"retries"`
	Amplification *float64  `json:"amplification"`
	Scalings      []Scaling `json:"scalings"`
}

// Scaling is a region that got another number of web replicas, and how long it took until each was ready.
type Scaling struct {
	Region string  `json:"region"`
	At     float64 `json:"at_s"`
	Was    int     `json:"was"`
	Now    int     `json:"now"`
	Took   float64 `json:"took_s"`
	Proof  string  `json:"proof"`
}

func webOf(s *drill.State) Web {
	sent := measure.AttemptsEver(s)
	w := Web{Scalings: list(s.Scaled, func(x drill.ScaledAt) Scaling {
		return Scaling{Region: x.Region, At: seconds(x.At), Was: x.Was, Now: x.Replicas, Took: seconds(x.Took), Proof: x.Proof}
	})}
	if times, known := sent.Amplification(); known {
		w.Attempts, w.Retries, w.Amplification = new(sent.Requests+sent.Retries), &sent.Retries, &times
	}
	return w
}

// web is a line for what clients sent again, and one for each scaling.
func (r Report) web(w io.Writer) {
	if r.Web.Retries != nil && *r.Web.Retries > 0 {
		fmt.Fprintf(w, "retries\t%s\tof failed requests\teach request was sent %s times on average\n", format.Count(*r.Web.Retries), strconv.FormatFloat(*r.Web.Amplification, 'f', 2, 64))
	}
	for _, s := range r.Web.Scalings {
		fmt.Fprintf(w, "scale %s\t%s\tuntil each was ready\tfrom %d to %s\n", s.Region, in(&s.Took), s.Was, format.Plural(s.Now, "web replica", "web replicas"))
	}
}
