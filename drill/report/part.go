package report

import (
	"io"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Part is what a report says of one matter, in words: a table, whose rows have a cell for each column of its head.
type Part struct {
	Key, Title string
	Head       []string
	Rows       [][]string
}

// parts is every part, in the order in which a report has them. A part writes lines whose cells are parted by tabs.
var parts = []struct {
	key, title string
	head       [columns]string
	write      func(Report, io.Writer)
}{
	{"objectives", "Objectives", [columns]string{"objective", "measured", "goal", "outcome"}, Report.objectives},
	{"failovers", "Failovers", [columns]string{"what", "took", "where", "of which"}, Report.failovers},
	{"discovery", "Finding the leader", [columns]string{"who", "stale for", "how", "calls"}, Report.discovery},
	{"configuration", "Configuration", [columns]string{"what", "became of it", "", ""}, Report.configuration},
	{"rollouts", "Commits", [columns]string{"what", "of it", "reached", ""}, Report.rollouts},
	{"trust", "Trust", [columns]string{"what", "how often", "who", ""}, Report.identities},
	{"impact", "Predicted and measured", [columns]string{"what", "measured", "of", "predicted"}, Report.impact},
	{"requests", "Requests", [columns]string{"what", "how many, how long", "of which", "more"}, Report.requests},
	{"writes", "Writes", [columns]string{"what", "how many", "how", "more"}, Report.writes},
	{"datasets", "Data", [columns]string{"what", "how much, when", "of which", "more"}, Report.datasets},
	{"web", "Web tiers", [columns]string{"what", "how much", "of which", "more"}, Report.web},
	{"visitors", "People who asked", [columns]string{"who", "asked", "of which", "more"}, Report.visitors},
	{"own", "Writes of people's own words", [columns]string{"what", "text", "dataset", "became of it"}, Report.written},
	{"notes", "What people wrote down", [columns]string{"what and who", "when, owner", "machine, severity", "words"}, Report.people},
	{"instrument", "What the machine could not do", [columns]string{"what", "how much", "when", "so"}, Report.instrument},
}

// columns is how many columns a part has at most.
const columns = 4

// Parts is what a report says, part by part, in the words of the summary; a part that has nothing to say is left out, and so
// are columns in which nothing stands.
func (r Report) Parts() (all []Part) {
	for _, p := range parts {
		var text strings.Builder
		p.write(r, &text)
		out := Part{Key: p.key, Title: p.title}
		wide := 0
		for line := range strings.Lines(text.String()) {
			cells := strings.SplitN(strings.TrimRight(line, "\t\n"), "\t", columns)
			wide = max(wide, len(cells))
			out.Rows = append(out.Rows, append(cells, make([]string, columns-len(cells))...))
		}
		if len(out.Rows) == 0 {
			continue
		}
		out.Head = append(out.Head, p.head[:wide]...)
		for i := range out.Rows {
			out.Rows[i] = out.Rows[i][:wide]
		}
		all = append(all, out)
	}
	return all
}

// Heading is what a report begins with.
type Heading struct {
	Name       string // the drill's
	Title      string // as its file has it; "" where that has none
	Hypothesis string
	People     string // who had which part
	Outcome    string // the verdict as a heading: "PASSED"; of a free drill why it has none
	Why        []string
	Warning    string
}

// Heading is how a drill ended, in words.
func (r Report) Heading() Heading {
	h := Heading{Name: format.FreeDrill, Title: r.title, Outcome: strings.ToUpper(r.word), Warning: r.warning}
	if r.Drill != nil {
		h.Name = *r.Drill
	}
	if r.Hypothesis != nil {
		h.Hypothesis = *r.Hypothesis
	}
	h.People = r.Roles.String()
	switch {
	case r.word == format.FreeDrill: // which is its name already
		h.Outcome = r.why
	case r.why != "":
		h.Why = strings.Split(r.why, "; ")
	}
	return h
}

// Told is what has to be known beside how a drill ended: why, a warning, and how its journal was read.
func (h Heading) Told(remarks []string) (all []string) {
	for _, why := range h.Why {
		all = append(all, "because: "+why)
	}
	if h.Warning != "" {
		all = append(all, "warning: "+h.Warning)
	}
	for _, r := range remarks {
		all = append(all, "this journal: "+r)
	}
	return all
}
