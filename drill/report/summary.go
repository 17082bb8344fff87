package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// Summary writes the report in short, for a person at a terminal.
func Summary(w io.Writer, r Report) error {
	var out bytes.Buffer
	r.head(&out)
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, p := range parts {
		p.write(r, table)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	for _, line := range strings.Split(strings.TrimRight(out.String(), "\n"), "\n") {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
	}
	return nil
}

func (r Report) head(w io.Writer) {
	h := r.Heading()
	fmt.Fprintf(w, "\n%s  %s on %s  %s  %s\n", h.Name, r.Fleet, r.On, in(&r.Duration), h.Outcome)
	for _, text := range []string{h.Title, h.Hypothesis, h.People} {
		if text != "" {
			fmt.Fprintln(w, text)
		}
	}
	for _, line := range h.Told(r.Remarks) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	for _, i := range r.Incidents {
		fmt.Fprintf(w, "\n%s\n  %s\n", i.Happened, i.Cost)
	}
	fmt.Fprintln(w)
}

func (r Report) objectives(w io.Writer) {
	for _, o := range r.Objectives {
		measured, met := format.Unknown, "not measured"
		if o.Measured != nil {
			measured = verdict.Quantity(o.Name, *o.Measured)
		}
		if o.Met != nil {
			met = map[bool]string{true: "met", false: "MISSED"}[*o.Met]
		}
		name := o.Name
		if o.Dataset != "" {
			name += " of " + o.Dataset
		}
		fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\n", name, measured, verdict.Bound(o.AtLeast), verdict.Quantity(o.Name, o.Target), met)
	}
	for _, x := range r.Refusals {
		became, why := format.Unknown, "was not reached"
		switch {
		case x.Refused != nil && *x.Refused:
			became, why = "refused", ""
			if x.Why != nil {
				why = *x.Why
			}
		case x.Refused != nil:
			became, why = "TAKEN", "was not refused"
		}
		fmt.Fprintf(w, "step %d\t%s\t%s\t%s\n", x.Step+1, became, x.Command, why)
	}
}

// way is from where to where a lead moved. It is the same region where the one that was promoted took no write until the first led again.
func way(from, to string) string {
	if from == to {
		return "from " + from + ", and back to it"
	}
	return from + " to " + to
}

func (r Report) failovers(w io.Writer) {
	for _, f := range r.Failovers {
		to := "nobody"
		if f.To != nil {
			to = *f.To
		}
		verb := map[string]string{measure.CauseSwitchover: "switchover", "operator": "promotion"}[f.Cause]
		if verb == "" {
			verb = "failover"
		}
		if f.ByInstrument {
			verb += " by the machine"
		}
		fmt.Fprintf(w, "%s of %s\t%s\t%s\t%s\n", verb, f.Dataset, in(f.RTO), way(f.From, to), f.Stages.line())
		f.unready(w)
		if r := f.Restored; r != nil {
			fmt.Fprintf(w, "\trestored\t%s in %s\t%s, from a snapshot of %s before\n", format.Bytes(r.Bytes), in(r.Took), format.Plural(r.Writes, "write", "writes"), in(r.Age))
		}
		if f.LostWrites != nil {
			of := "of " + format.Count(*f.Acknowledged) + " confirmed"
			if f.later {
				of = "some since its check"
			}
			fmt.Fprintf(w, "\t%s lost%s\t%s\t%s\n", format.Count(*f.LostWrites), soFar(f.LostOpen), of, lostSpan(f))
		}
	}
	for _, j := range r.Rejoins {
		line, back := "not current yet", in(j.Took)
		if j.AtMost != nil {
			back = "within " + in(j.AtMost)
		}
		if j.Bytes != nil {
			line = fmt.Sprintf("%s copied, %s that it alone had set aside", format.Bytes(*j.Bytes), format.Plural(*j.Diverged, "write", "writes"))
			if j.Exported != nil {
				line += ", kept in " + *j.Exported
			}
		}
		fmt.Fprintf(w, "rejoin of %s\t%s\t%s\t%s\n", j.Dataset, back, j.Region, line)
	}
}

func lostSpan(f Failover) string {
	if *f.LostWrites == 0 || f.RPO == nil {
		return ""
	}
	return "from the last " + in(f.RPO)
}

func (s Stages) line() string {
	var parts []string
	for _, stage := range []struct {
		name string
		took *float64
		part string
	}{
		{"detect", s.Detect, ""}, {"decide", s.Decide, ""}, {"prepare", s.Prepare, ""}, {"fence", s.Fence, ""}, {"catch up", s.CatchUp, ""},
		{"promote", s.Promote, ofWhich(s.Restoring, measure.PartRestoring)}, {"reroute", s.Reroute, ofWhich(s.Scaling, measure.PartScaling)},
	} {
		if stage.took != nil {
			parts = append(parts, stage.name+" "+in(stage.took)+stage.part)
		}
	}
	return strings.Join(parts, " · ")
}

// impact is whom the worst command affected, and what was predicted of each.
func (r Report) impact(w io.Writer) {
	if b := r.BlastRadius; b.Asked != nil {
		fmt.Fprintf(w, "users affected\t%s\t%s of %s who asked%s%s\n", format.Percent(*b.Share), format.Count(*b.Affected), format.Count(*b.Asked), soFar(b.Open), with("\t", b.With))
	}
	for _, d := range r.BlastRadius.ByDomain {
		if d.Asked != nil {
			fmt.Fprintf(w, "\t%s\tof %s %s, %s of %s who asked\n", format.Percent(*d.Share), d.Kind, d.Name, format.Count(*d.Affected), format.Count(*d.Asked))
		}
	}
	for _, p := range r.Predictions {
		p.summary(w)
	}
}

func (r Report) requests(w io.Writer) {
	if t := r.Traffic; t.Requests != nil {
		recovered := ""
		if t.Recovered != nil {
			recovered = "recovered after " + in(t.Recovered)
		} else if t.RecoveredAtLeast != nil {
			recovered = "not recovered from every fault, the longest at least " + in(t.RecoveredAtLeast)
		}
		fmt.Fprintf(w, "requests\t%s\t%s failed\t%s\n", format.Count(*t.Requests), format.Count(*t.Failed), recovered)
		if why := reasons(t.Failures); why != "" {
			fmt.Fprintf(w, "\t\tby reason\t%s\n", why)
		}
		t.servedAgain(w)
		t.moved(w)
		t.reads(w)
	}
}

func (r Report) writes(w io.Writer) {
	if l := r.Writes; l.Acknowledged != nil {
		fmt.Fprintf(w, "writes\t%s\tconfirmed\t%s lost, %s sent and never confirmed, of which %s were stored\n",
			format.Count(*l.Acknowledged), format.Count(*l.Lost), format.Count(*l.Unacknowledged), format.Count(*l.PresentUnacknowledged))
		if *l.Unacknowledged > 0 {
			fmt.Fprintf(w, "\t\t\tof the whole drill, its start too; failed writes that were sent to no region are none of these\n")
		}
	}
}

func (r Report) datasets(w io.Writer) {
	for _, name := range slices.Sorted(maps.Keys(r.Datasets)) {
		r.dataset(w, name)
	}
}

// reasons words why requests failed, the most frequent first: "78 × no answer in time, 3 × no leader is known".
func reasons(failures map[string]int) string {
	var parts []string
	for _, r := range measure.Reasons(failures) {
		parts = append(parts, format.Count(r.N)+" × "+format.Failure(r.Why))
	}
	return strings.Join(parts, ", ")
}

// summary is a line for the users and one for each dataset that was to lose its authority.
func (p Prediction) summary(w io.Writer) {
	measured := format.Unknown
	if p.Share.Measured != nil {
		measured = format.Percent(*p.Share.Measured)
	}
	predicted := "predicted ~" + format.Percent(*p.Share.Predicted)
	if len(p.With) > 0 {
		predicted = with("", p.With) + ": not to be compared with the predicted ~" + format.Percent(*p.Share.Predicted)
	}
	fmt.Fprintf(w, "%s\t%s\tof users affected%s\t%s\n", p.Command, measured, soFar(p.Open), predicted)
	if len(p.Populations) > 1 {
		for _, name := range slices.Sorted(maps.Keys(p.Populations)) {
			p.population(w, name)
		}
	}
	for _, dataset := range slices.Sorted(maps.Keys(p.Datasets)) {
		lost, most := format.Unknown, "no bound was predicted"
		if n := p.Datasets[dataset].Lost; n.Measured != nil {
			lost = format.Count(int64(*n.Measured)) + " lost"
		}
		if n := p.Datasets[dataset].Lost; n.Predicted != nil {
			most = "predicted at most " + format.Count(int64(*n.Predicted))
		}
		fmt.Fprintf(w, "\t%s\tof %s\t%s\n", lost, dataset, most)
	}
}

// population is a line for one population's users.
func (p Prediction) population(w io.Writer, name string) {
	c, measured, predicted := p.Populations[name], format.Unknown, ""
	if c.Measured != nil {
		measured = format.Percent(*c.Measured)
	}
	if c.Predicted != nil && len(p.With) == 0 {
		predicted = "predicted ~" + format.Percent(*c.Predicted)
	}
	fmt.Fprintf(w, "\t%s\tof %s%s\t%s\n", measured, name, soFar(p.Open), predicted)
}

// with names the commands whose harm may be in a number.
func with(before string, all []Beside) string {
	var parts []string
	for _, b := range all {
		parts = append(parts, format.Beside(b.Command, b.Earlier))
	}
	if len(parts) == 0 {
		return ""
	}
	return before + "with " + strings.Join(parts, ", ")
}

func soFar(open bool) string { return format.Either(open, " so far", "") }

func in(s *float64) string {
	if s == nil {
		return format.Unknown
	}
	return format.Span(format.Seconds(*s))
}
