package report

import (
	"fmt"
	"io"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Standstill is a time in which fleetdrill itself did not run, or the agent of Region, or in which no write reached Region's Disk,
// since the start of the drill. Slept is how long the machine
// slept in it, which For does not have. Disturbed says that something was measured meanwhile, which makes the drill
// inconclusive.
type Standstill struct {
	Region    *string `json:"region"`
	At        float64 `json:"at_s"`
	For       float64 `json:"for_s"`
	Slept     float64 `json:"slept_s"`
	Disturbed bool    `json:"disturbed"`
	Disk      bool    `json:"disk,omitempty"`

	words, when string
}

// NotSent is the requests that were due and that this machine could not send, by why. LeftOut is those that were due, or
// waited for an answer, while fleetdrill stood still. Traffic has neither; Share is of all but these.
type NotSent struct {
	Requests *int           `json:"requests"`
	Share    *float64       `json:"share"`
	Why      map[string]int `json:"why"`
	LeftOut  *int           `json:"left_out"`
}

func standstills(s *drill.State) []Standstill {
	disturbed, starving, stalled := map[*drill.StandstillNoticed]bool{}, map[*drill.RegionStarved]bool{}, map[attribution.DiskStall]bool{}
	for _, d := range measure.Disturbances(s) {
		disturbed[d.Standstill], starving[d.Starved] = true, true
		if d.Disk != nil {
			stalled[*d.Disk] = true
		}
	}
	out := make([]Standstill, len(s.Standstills))
	for i, b := range s.Standstills {
		out[i] = Standstill{At: seconds(b.From), For: seconds(b.For), Slept: seconds(b.Slept), Disturbed: disturbed[&s.Standstills[i]], words: format.StoodStill(b), when: format.When(s, b.From)}
	}
	for i, b := range s.Starved {
		out = append(out, Standstill{Region: &b.Region, At: seconds(b.From), For: seconds(b.For), Disturbed: starving[&s.Starved[i]], words: format.Starved(b), when: format.When(s, b.From)})
	}
	for _, b := range attribution.DiskStalls(s) {
		out = append(out, Standstill{Region: &b.Region, At: seconds(b.From), For: seconds(b.For()), Disturbed: stalled[b], Disk: true, words: format.DiskStood(b), when: format.When(s, b.From)})
	}
	return out
}

func notSent(u measure.Sent) NotSent {
	out := NotSent{Why: u.Why}
	if u.Known {
		out.Requests, out.Share, out.LeftOut = &u.NotSent, &u.Share, &u.LeftOut
	}
	return out
}

// instrument says what the machine could not do.
func (r Report) instrument(w io.Writer) {
	for _, s := range r.Standstills {
		fmt.Fprintf(w, "standstill\t%s\t%s\t%s\n", s.words, s.when, format.Either(s.Disturbed, "disturbed what was measured", "nothing was measured then"))
	}
	if n := r.NotSent; n.Requests != nil && *n.Requests > 0 {
		fmt.Fprintf(w, "not sent\t%s\t%s of those due since the steady check\t%s\n", format.Count(*n.Requests), format.Percent(*n.Share), format.NotSent(n.Why))
	}
	if n := r.NotSent.LeftOut; n != nil && *n > 0 {
		fmt.Fprintf(w, "left out\t%s\trequests while fleetdrill stood still\tonly the ledger counts their writes\n", format.Count(*n))
	}
}
