package trust

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Unsigned is the fault by which nobody signs certificates, for any region; nil while the signer runs.
func Unsigned(s *drill.State) *drill.Fault {
	for _, f := range slices.Backward(s.Faults) {
		if f.Part == runbook.PartSigner && f.Lifted == nil {
			return f
		}
	}
	return nil
}

// End is when a certificate runs out that nobody renews, and how long that is from now by its holder's clock: less than 0 of
// one that has.
type End struct {
	Who   string
	Until time.Time
	In    time.Duration
}

// Ends is when each region's certificate runs out, and the hub's, the first of them first; what is not known is left out.
func Ends(s *drill.State) (ends []End) {
	for _, who := range s.Fleet.Standing().RegionNames() {
		if i := s.Identity(who); i != nil && i.SVID != nil {
			ends = append(ends, End{Who: who, Until: i.SVID.Until, In: i.SVID.Until.Sub(Held(s, i).Now)})
		}
	}
	slices.SortStableFunc(ends, func(a, b End) int { return cmp.Compare(a.In, b.In) })
	return ends
}

// Without says what becomes of a fleet that loses something by which regions trust each other: who may be refused, and from when on.
func Without(s *drill.State, w runbook.Weakening) []string {
	if w.Part != runbook.PartSigner {
		return []string{w.Region + " goes on, and so do open connections; who connects anew may be refused"}
	}
	lines := []string{"nobody signs: no certificate is renewed, and a region that starts anew gets none"}
	ends := Ends(s)
	if len(ends) == 0 {
		return append(lines, "when certificates run out is not known")
	}
	first, last := ends[0], ends[len(ends)-1]
	line := fmt.Sprintf("%s's certificate runs out first, %s", first.Who, first.when())
	if len(ends) > 1 {
		line += fmt.Sprintf("; the last, %s's, %s", last.Who, last.when())
	}
	return append(lines, line, "open connections go on; from then on who connects anew is refused")
}

func (e End) when() string {
	if e.In <= 0 {
		return "at " + format.Until(e.Until) + ", which is over"
	}
	return fmt.Sprintf("at %s, in %s", format.Until(e.Until), format.Span(e.In))
}
