package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/retry"
)

// Web is what the stateless tiers were asked for and how they were scaled. Attempts counts each request and each retry of one;
// Amplification is how many a request took on average. They are null where nobody asked. Retried is of the populations whose
// clients sent any again. Moves is how soon compute served in another place, beside what its data takes to be copied there.
type Web struct {
	Attempts      *int               `json:"attempts"`
	Retries       *int               `json:"retries"`
	Amplification *float64           `json:"amplification"`
	Retried       map[string]Retried `json:"retried,omitempty"`
	Scalings      []Scaling          `json:"scalings"`
	Moves         []ComputeMove      `json:"compute_moves"`
}

// Retried is how often a population's clients sent requests again. Amplification is of the whole drill, Worst of the second
// in which they were sent again most often; null where no second had requests enough.
type Retried struct {
	Retries       int      `json:"retries"`
	Amplification float64  `json:"amplification"`
	Worst         *float64 `json:"worst_amplification"`
}

// ComputeMove is a region that got more web replicas ("scale"), or leads a dataset ("failover", "switchover"): Took until then.
type ComputeMove struct {
	Region string  `json:"region"`
	By     string  `json:"by"`
	Took   float64 `json:"took_s"`
	Data   []Haul  `json:"data"`
}

// Haul is what a dataset takes to be copied to where compute went: of a copy that the drill made where it is Measured, which was
// quicker than samples can tell where it is AtMost; else by its link.
type Haul struct {
	Dataset  string  `json:"dataset"`
	From     string  `json:"from"`
	Bytes    int64   `json:"bytes"`
	Took     float64 `json:"took_s"`
	Measured bool    `json:"measured"`
	AtMost   bool    `json:"at_most,omitempty"`
}

// Scaling is a region that got another number of web replicas, and how long it took until each was ready.
type Scaling struct {
	Region string   `json:"region"`
	At     float64  `json:"at_s"`
	Was    int      `json:"was"`
	Now    int      `json:"now"`
	Took   *float64 `json:"took_s"` // from when it was asked for until each was ready; null in journals of before that was waited for
	Proof  string   `json:"proof"`
}

func webOf(s *drill.State) Web {
	sent := retry.AttemptsEver(s)
	w := Web{Scalings: list(s.Scaled, func(x drill.ScaledAt) Scaling {
		sc := Scaling{Region: x.Region, At: seconds(x.At), Was: x.Was, Now: x.Replicas, Proof: x.Proof}
		if x.Took > 0 {
			sc.Took = span(x.Took)
		}
		return sc
	})}
	if times, known := sent.Amplification(); known {
		w.Attempts, w.Retries, w.Amplification = new(sent.Requests+sent.Retries), &sent.Retries, &times
	}
	for _, p := range s.Populations {
		a := retry.AttemptsOf(p)
		times, known := a.Amplification()
		if !known || a.Retries == 0 {
			continue
		}
		if w.Retried == nil {
			w.Retried = map[string]Retried{}
		}
		of := Retried{Retries: a.Retries, Amplification: times}
		if worst, ok := retry.AttemptsWorst(p); ok {
			most, _ := worst.Amplification()
			of.Worst = &most
		}
		w.Retried[p.Spec.Name] = of
	}
	w.Moves = list(measure.ComputeMoves(s), computeMove)
	return w
}

func computeMove(m measure.ComputeMove) ComputeMove {
	by := "scale"
	switch {
	case m.Move != nil && m.Move.Switchover != nil:
		by = "switchover"
	case m.Move != nil:
		by = "failover"
	}
	return ComputeMove{Region: m.Region, By: by, Took: seconds(m.Took), Data: list(m.Data, func(h measure.Haul) Haul {
		return Haul{Dataset: h.Dataset, From: h.From, Bytes: h.Bytes, Took: seconds(h.Took), Measured: h.Measured, AtMost: h.AtMost}
	})}
}

// web is a line for what clients sent again, and one for each scaling.
func (r Report) web(w io.Writer) {
	if r.Web.Retries != nil && *r.Web.Retries > 0 {
		fmt.Fprintf(w, "retries\t%s\tof failed requests\teach request was sent %s times on average\n", format.Count(*r.Web.Retries), format.Times(*r.Web.Amplification))
		for _, name := range slices.Sorted(maps.Keys(r.Web.Retried)) {
			of, worst := r.Web.Retried[name], ""
			if of.Worst != nil {
				worst = ", " + format.Times(*of.Worst) + " in its worst second"
			}
			fmt.Fprintf(w, "\t%s\tof %s\teach was sent %s times%s\n", format.Count(of.Retries), name, format.Times(of.Amplification), worst)
		}
	}
	for _, s := range r.Web.Scalings {
		fmt.Fprintf(w, "scale %s\t%s\tuntil each was ready\tfrom %d to %s\n", s.Region, in(s.Took), s.Was, format.Plural(s.Now, "web replica", "web replicas"))
	}
	if r.compute != "" {
		fmt.Fprintf(w, "compute moved\t%s\n", r.compute)
		fmt.Fprintf(w, "its data\t%s\n", r.data)
	}
}
