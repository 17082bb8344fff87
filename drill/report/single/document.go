// Package single writes the report of one drill: a file a format, and one list of them. What a document has is the same in
// each: its sections, of which there is one list too.
package single

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/drawing"
)

// Document is the report of a drill, and the state that its journal comes to.
type Document struct {
	report.Report
	State *drill.State
	// Events is the journal, which a page plays.
	Events []drill.Event
}

// Of makes a document from a journal's events. Remarks is what has to be known of how that was read.
func Of(events []drill.Event, remarks ...string) (Document, error) {
	r, err := report.FromEvents(events)
	if err != nil {
		return Document{}, err
	}
	r.Remarks = append(r.Remarks, remarks...)
	s := drill.NewState()
	for _, e := range events {
		s.Apply(e)
	}
	return Document{Report: r, State: s, Events: events}, nil
}

// Section is what a document says of one matter. What is empty of it is left out.
type Section struct {
	Key, Title string
	Text       []string // paragraphs
	Items      []string // a list
	Tables     []Table
	Loads      []curve.Load
	Marks      []curve.Mark // of the loads
	Bars       []Bars
	Pictures   []format.Picture
	Code       string // several lines as they are
	// Times is when what the rows of the first table say was, on the engine's clock; nil where that is not one moment.
	Times []time.Duration
}

// Table has a cell for each column of its head in every row.
type Table struct {
	Head []string
	Rows [][]string
}

// Bars is spans that follow one another: the stages of a move.
type Bars struct {
	Title string
	All   []drawing.Span
}

func (s Section) empty() bool {
	return len(s.Text)+len(s.Items)+len(s.Tables)+len(s.Loads)+len(s.Bars)+len(s.Pictures)+len(s.Code) == 0
}

// sections is every section, in the order in which a document has them.
var sections = []func(Document) Section{
	judged,
	happened,
	recovered,
	lost,
	part("impact"),
	traffic,
	part("datasets"),
	part("writes"),
	part("discovery"),
	part("configuration"),
	part("rollouts"),
	part("trust"),
	part("web"),
	part("visitors"),
	part("own"),
	notes,
	part("instrument"),
	timeline,
	modelled,
	about,
	fleet,
}

// Sections is what a document has to say.
func (d Document) Sections() (all []Section) {
	for _, of := range sections {
		if s := of(d); !s.empty() {
			all = append(all, s)
		}
	}
	return all
}

// part is the section of one part of a report.
func part(key string) func(Document) Section {
	return func(d Document) Section {
		title, tables := d.tables(key)
		return Section{Key: key, Title: title, Tables: tables}
	}
}

// tables is the table of a part of a report, and its title; none where that has nothing to say.
func (d Document) tables(key string) (title string, all []Table) {
	for _, p := range d.Parts() {
		if p.Key == key {
			return p.Title, []Table{{p.Head, p.Rows}}
		}
	}
	return "", nil
}
