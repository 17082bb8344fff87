package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// dataset writes what a dataset's strategy cost.
func (r Report) dataset(w io.Writer, name string) {
	d := r.Datasets[name]
	r.weight(w, name)
	fmt.Fprintf(w, "\t%s\tin %s%s\n", d.durability(), d.Engine, d.losses())
	for _, population := range slices.Sorted(maps.Keys(d.Populations)) {
		l := d.Populations[population]
		if l.P50 == nil {
			continue
		}
		slow := "too few for a p99"
		if l.P99 != nil {
			slow = "p99 " + milliseconds(*l.P99)
		} else if l.Max != nil {
			slow = "max " + milliseconds(*l.Max)
		}
		fmt.Fprintf(w, "\twrites of %s\tp50 %s, %s\t%s confirmed, %s failed\n", population, milliseconds(*l.P50), slow, format.Count(l.Acknowledged), format.Count(l.Failed))
	}
	for _, m := range d.Modes {
		fmt.Fprintf(w, "\t%s\t%s, it was %s\tasked for by %s, %s until it held\n", m.when, m.Now, m.Was, m.By, in(&m.Took))
	}
	for _, wait := range d.Waits {
		fmt.Fprintf(w, "\t%s\twrites waited for %s\t%s\n", wait.when, strings.Join(wait.For, ", "), to(wait.Took))
	}
	for _, s := range d.SplitBrains {
		fmt.Fprintf(w, "\t%s\tSPLIT BRAIN\t%s took %s in its %s, %s %s in its %s\n", s.when,
			s.Old, format.Plural(len(s.Writes[s.Old]), "write", "writes"), format.Term(s.OldEpoch), s.New, format.Count(len(s.Writes[s.New])), format.Term(s.NewEpoch))
	}
	for _, b := range d.Borders {
		// That nothing crossed is news only where something was not to.
		if b.Bytes > 0 || d.Mode == string(topology.ModePinned) {
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
	if b := g.Bulk; b != nil && b.words != "" {
		fmt.Fprintf(w, "\t%s to %s\t%s\n", b.From, b.To, b.words)
	}
	if st := g.Standing; st != nil && st.USD != nil {
		fmt.Fprintf(w, "\tstands ready\t%s\tmodel: %s a month, %s on the way\n", format.Standing(st.Web, st.Stores, st.Snapshot), format.Dollars(*st.USD), format.Rate(st.Rate))
	}
}

func (d Dataset) durability() string {
	if d.With == nil {
		return d.Mode
	}
	return topology.Durability{Mode: topology.Mode(d.Mode), With: *d.With}.String()
}

func (d Dataset) losses() string {
	if d.Writes.Lost == nil {
		return ""
	}
	return fmt.Sprintf("\t%s of %s confirmed writes lost", format.Count(*d.Writes.Lost), format.Count(*d.Writes.Acknowledged))
}

func milliseconds(n float64) string { return format.Span(format.Seconds(n / 1000)) }

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
