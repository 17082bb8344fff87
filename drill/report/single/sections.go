package single

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/drill/report/drawing"
)

// judged is the objectives, and the steady checks around them.
func judged(d Document) Section {
	s := Section{Key: "objectives", Title: "Objectives"}
	_, s.Tables = d.tables(s.Key)
	steady := Table{Head: []string{"steady check", "requests answered", "of", "outcome"}}
	for _, m := range d.steadyChecks() {
		if m.measured != nil {
			steady.Rows = append(steady.Rows, []string{m.name, format.Percent(m.measured.Success), format.Plural(m.measured.Requests, "request", "requests"), m.outcome()})
		}
	}
	if len(steady.Rows) > 0 {
		s.Tables = append(s.Tables, steady)
	}
	return s
}

// steadyCheck is a check of whether all was normal; measured is nil where it was not made.
type steadyCheck struct {
	name     string
	measured *drill.SteadyMeasured
}

func (d Document) steadyChecks() []steadyCheck {
	return []steadyCheck{{"before the first step", d.State.SteadyBefore}, {"after the last step", d.State.SteadyAfter}}
}

func (c steadyCheck) outcome() string {
	if c.measured.Met {
		return "held"
	}
	if len(c.measured.Missing) > 0 {
		return "did not hold: " + format.And(c.measured.Missing)
	}
	return "did not hold"
}

func happened(d Document) Section {
	s := Section{Key: "happened", Title: "What happened"}
	for _, i := range d.Incidents {
		s.Items = append(s.Items, i.Happened+" "+i.Cost)
	}
	return s
}

// recovered is each move of a dataset's lead, and its stages one after another.
func recovered(d Document) Section {
	s := Section{Key: "failovers", Title: "Failovers, and how their RTO came about"}
	_, s.Tables = d.tables(s.Key)
	for _, m := range measure.Moves(d.State, "") {
		b := Bars{Title: fmt.Sprintf("%s from %s, RTO %s", m.Dataset, m.From, format.Least(m.RTO(d.State)))}
		if m.To != "" && m.To != m.From {
			b.Title = fmt.Sprintf("%s from %s to %s, RTO %s", m.Dataset, m.From, m.To, format.Least(m.RTO(d.State)))
		}
		var from time.Duration
		for _, step := range m.Steps() {
			b.All = append(b.All, drawing.Span{Name: step.Name, From: from, Took: step.Took})
			from += step.Took
		}
		if len(b.All) > 0 {
			s.Bars = append(s.Bars, b)
		}
	}
	return s
}

// mostLost is how many lost writes a document lists, mostLines how many lines of a timeline: the journal has all.
const mostLost, mostLines = 100, 2000

// lost is the confirmed writes that are not there any more, by their ids.
func lost(d Document) Section {
	s := Section{Key: "lost", Title: "Lost writes"}
	all := measure.Losses(d.State, "")
	if len(all) == 0 {
		return s
	}
	t := Table{Head: []string{"id", "dataset", "confirmed at", "lost by"}}
	for i, l := range all {
		if i == mostLost {
			s.Text = []string{format.Plural(len(all)-mostLost, "more write is", "more writes are") + " in report.json and in the journal."}
			break
		}
		by := format.Unknown
		if l.By != nil {
			by = "the move from " + l.By.From
		}
		t.Rows = append(t.Rows, []string{l.ID, l.Dataset, format.Stamp(d.State, l.Acked), by})
	}
	s.Tables = []Table{t}
	return s
}

// traffic is requests over time, and what became of them.
func traffic(d Document) Section {
	s := Section{Key: "requests", Title: "Traffic", Loads: curve.Loads(d.State), Marks: curve.Marks(d.State), Pictures: format.Pictures(d.State)}
	_, s.Tables = d.tables(s.Key)
	return s
}

func notes(d Document) Section {
	s := Section{Key: "notes", Title: "Notes and action items"}
	_, s.Tables = d.tables(s.Key)
	for _, n := range d.State.Notes {
		s.Items = append(s.Items, format.Stamp(d.State, n.T)+", "+format.Noted(d.State, n))
	}
	return s
}

func timeline(d Document) Section {
	s := Section{Key: "timeline", Title: "Timeline"}
	lines := format.Timeline(d.State)
	t := Table{Head: []string{"time", "what"}}
	for i, l := range lines {
		if i == mostLines {
			s.Text = []string{format.Plural(len(lines)-mostLines, "more line is", "more lines are") + " in the journal."}
			break
		}
		t.Rows, s.Times = append(t.Rows, []string{format.Stamp(d.State, l.T), l.Text}), append(s.Times, l.T)
	}
	if len(t.Rows) > 0 {
		s.Tables = []Table{t}
		s.Text = append([]string{origin(d.State)}, s.Text...)
	}
	return s
}

// origin says what the stamps of a document count from.
func origin(s *drill.State) string {
	if len(s.Faults) > 0 {
		return "Times count in minutes and seconds from when the first fault could first affect a user."
	}
	return "Times count in minutes and seconds from the end of the warm-up."
}

// modelled says what of a document was not measured.
func modelled(d Document) Section {
	return Section{Key: "modelled", Title: "What is measured, and what is a model", Items: []string{
		"Requests, latencies, writes, bytes and stages are measured: of requests that were sent, acknowledgements that came, bytes that crossed a link.",
		"Users and their distances are simulated: each population sends at the rate, and each link delays, as the fleet file below has it.",
		"Predictions, marked ~, are a model made from the state before the command.",
		"Prices of egress and of standing copies, and what a tebibyte would take, are models by list prices and by the links of the fleet file.",
		"What was not measured is unknown, and never counted as zero.",
	}}
}

// about is by what the drill was run.
func about(d Document) Section {
	rows := [][]string{
		{"fleet", d.Fleet + " on " + d.On},
		{"started", d.Started},
		{"took", format.Span(format.Seconds(d.Duration))},
		{"fleetdrill", version(d.Version)},
		{"seed", format.Count(d.Seed)},
		{"machine", machine(d.State.Machine)},
		{"events", format.Count(len(d.Events))},
	}
	if d.Drill != nil {
		rows = append([][]string{{"drill", *d.Drill}}, rows...)
	}
	return Section{Key: "about", Title: "About this run", Tables: []Table{{Head: []string{"what", "is"}, Rows: rows}}}
}

// machine is what the drill ran on, as far as the journal says.
func machine(m *drill.Machine) string {
	if m == nil {
		return format.Unknown + ": the journal does not say"
	}
	text := strings.TrimSpace(m.System+" "+m.Release) + ", " + format.Plural(m.Processors, "processor", "processors")
	if m.Memory > 0 {
		text += ", " + format.Bytes(m.Memory) + " of memory"
	}
	return text
}

func version(v string) string {
	if v == "" {
		return format.Unknown
	}
	return v
}

// fleet is the fleet as the journal has it.
func fleet(d Document) Section {
	s := Section{Key: "fleet", Title: "Fleet"}
	if file := d.State.Fleet.Text; file != "" {
		s.Text = []string{"The fleet file as it was written."}
		s.Code = strings.TrimRight(file, "\n")
		return s
	}
	text, err := json.MarshalIndent(d.State.Fleet, "", "  ")
	if err != nil {
		return s
	}
	s.Text = []string{"The fleet file as it was read; times are in nanoseconds, bandwidths in bits a second."}
	s.Code = string(text)
	return s
}
