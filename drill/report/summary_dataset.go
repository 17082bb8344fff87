package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// dataset writes what a dataset's strategy cost.
func (r Report) dataset(w io.Writer, name string) {
	d := r.Datasets[name]
	r.weight(w, name)
	fmt.Fprintf(w, "\t%s\tin %s%s\n", d.promise(), d.Engine, d.losses())
	for _, population := range slices.Sorted(maps.Keys(d.Populations)) {
		l := d.Populations[population]
		if l.P50 == nil {
			continue
		}
		slow := "too few for a p99"
		if l.P99 != nil {
			slow = fmt.Sprintf("p99 %.0f ms", *l.P99)
		} else if l.Max != nil {
			slow = fmt.Sprintf("max %.0f ms", *l.Max)
		}
		fmt.Fprintf(w, "\twrites of %s\tp50 %.0f ms, %s\t%d acknowledged, %d failed\n", population, *l.P50, slow, l.Acknowledged, l.Failed)
	}
	for _, m := range d.Modes {
		fmt.Fprintf(w, "\tat %.1f s\t%s, it was %s\tasked for by %s, %.2f s until it held\n", m.At, m.Now, m.Was, m.By, m.Took)
	}
	for _, wait := range d.Waits {
		fmt.Fprintf(w, "\tat %.1f s\twrites waited for %s\t%s\n", wait.At, strings.Join(wait.For, ", "), to(wait.Took))
	}
	for _, s := range d.SplitBrains {
		fmt.Fprintf(w, "\tat %.1f s\tSPLIT BRAIN\t%s took %d writes in epoch %d, %s %d in epoch %d\n", s.At,
			s.Old, len(s.Writes[s.Old]), s.OldEpoch, s.New, len(s.Writes[s.New]), s.NewEpoch)
	}
	for _, b := range d.Borders {
		// That nothing crossed is news only where something was not to.
		if b.Bytes > 0 || d.Mode == string(drill.ModePinned) {
			fmt.Fprintf(w, "\tcrossed %s to %s\t%s\t%s\n", jurisdiction(b.From), jurisdiction(b.To), format.Bytes(b.Bytes), price(b.Egress))
		}
	}
}

func (r Report) weight(w io.Writer, name string) {
	g := r.Gravity[name]
	held, copied := format.Unknown, format.Unknown
	if g.Bytes != nil {
		held = format.Bytes(*g.Bytes)
	}
	if g.Replicated != nil {
		copied = format.Bytes(*g.Replicated) + " replicated"
	}
	fmt.Fprintf(w, "%s weighs\t%s\t%s\t%s\n", name, held, copied, price(g.Egress))
}

func (d Dataset) promise() string {
	if d.With == nil {
		return d.Mode
	}
	return d.Mode + " with " + *d.With
}

func (d Dataset) losses() string {
	if d.Writes.Lost == nil {
		return ""
	}
	return fmt.Sprintf("\t%d of %d acknowledged writes lost", *d.Writes.Lost, *d.Writes.Acknowledged)
}

func price(usd *float64) string {
	if usd == nil {
		return ""
	}
	return "model: " + format.Dollars(*usd) + " of egress"
}

func to(took *float64) string {
	if took == nil {
		return "to the end"
	}
	return in(took)
}

func jurisdiction(name string) string {
	if name == "" {
		return "no jurisdiction"
	}
	return name
}
