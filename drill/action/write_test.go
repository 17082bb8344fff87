package action

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// withUsers is a serving fleet whose near users use everything, and whose far ones records alone.
func withUsers(bodies ...drill.Body) *drill.State {
	s := serving(bodies...)
	for _, p := range []topology.Population{{Name: "near"}, {Name: "far", Datasets: []string{"records"}}} {
		s.Fleet.Users = append(s.Fleet.Users, p)
		s.Populations = append(s.Populations, &drill.PopulationState{Spec: p, Region: "east"})
	}
	return s
}

func TestWhoMayWriteWhat(t *testing.T) {
	own := func(dataset, as, text string) runbook.Command {
		return runbook.Command{Verb: VerbWrite, Dataset: dataset, Population: as, Text: text}
	}
	for _, tt := range []struct {
		c    runbook.Command
		says string // "" is taken
	}{
		{own("orders", "near", "hello, Zürich 東京"), ""},
		{own("records", "far", strings.Repeat("ä", 200)), ""},
		{own("orders", "", "x"), "write needs as"},
		{own("orders", "near", ""), "write needs text"},
		{own("orders", "mars", "x"), "there are near, far"},
		{own("songs", "near", "x"), "no dataset"},
		{own("orders", "far", "x"), "far does not use orders; write as another population, or to records"},
		{own("orders", "near", strings.Repeat("ä", 201)), "201 characters; write at most 200"},
		{own("orders", "near", "a\x1b]0;b"), "a terminal obeys"},
		{own("orders", "near", "two\nlines"), "write one line"},
		{own("orders", "near", "   "), "is empty"},
		{own("orders", "near", "Z\xfcrich"), "is not UTF-8; write it in UTF-8"},
		{own("orders", "near", "a\x00b"), "write one line"},
	} {
		r := Check(withUsers(), tt.c)
		switch {
		case tt.says == "" && r != nil, tt.says != "" && r == nil:
			t.Errorf("%s: %v, want %q", tt.c, r, tt.says)
		case r != nil && !strings.Contains(r.Error(), tt.says):
			t.Errorf("%s: %q does not say %q", tt.c, r.Error(), tt.says)
		}
	}
}

// Nobody is asked, and nothing is predicted.
func TestAWriteIsHarmless(t *testing.T) {
	c := runbook.Command{Verb: VerbWrite, Dataset: "orders", Population: "near", Text: "x"}
	move := runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "west"}
	s := withUsers(drill.CommandTaken{ID: 1, Command: move})
	if Confirmed(s, c) != nil {
		t.Error("a person is asked before a write of their own")
	}
	if _, predicted := Predict(s, c); predicted {
		t.Error("harm is predicted of a write")
	}
}

// The candidates are the fleet's populations, with the reason why one can't be chosen.
func TestWhoCanBeChosenToWrite(t *testing.T) {
	a, _ := Find(VerbWrite)
	c := runbook.Command{Verb: VerbWrite, Dataset: "orders", Text: "x"}
	p, missing := a.Missing(c)
	if !missing || p.Kind != param.KindPopulation {
		t.Fatalf("missing %+v", p)
	}
	list := a.Choices(withUsers(), Focus{Dataset: "orders"}, c, p)
	if len(list) != 2 || list[0].Off != nil || list[0].Note != "served by east" || list[1].Off == nil {
		t.Errorf("choices %+v", list)
	}
}

type ownWriter struct {
	out port.Written
	err error
	got []string
}

func (w *ownWriter) Write(_ context.Context, population, dataset string, payload []byte, sent func(id, region string)) (port.Written, error) {
	w.got = append(w.got, population, dataset, string(payload))
	if w.err == nil {
		sent("w-1", "east")
	}
	return w.out, w.err
}

type eventsOf struct {
	port.Events
	bodies []drill.Body
}

func (e *eventsOf) Emit(b drill.Body) drill.Event {
	e.bodies = append(e.bodies, b)
	return drill.Event{Body: b}
}

// What a user is told is the command's outcome, also where nobody confirms: only a write that this
// program could not send has failed.
func TestAWriteIsDone(t *testing.T) {
	a, _ := Find(VerbWrite)
	c := runbook.Command{Verb: VerbWrite, Dataset: "orders", Population: "near", Text: "hello"}
	for _, tt := range []struct {
		w      ownWriter
		proof  string
		failed string
	}{
		{ownWriter{out: port.Written{Took: 23 * time.Millisecond, By: "east", Epoch: 2, Index: 7}}, "confirmed by east after 23 ms", ""},
		{ownWriter{out: port.Written{Took: 2 * time.Second, Error: "timeout"}}, "never confirmed: no answer in time (after 2.0 s)", ""},
		{ownWriter{err: errors.New("the users have ended")}, "", "the users have ended"},
	} {
		e := &eventsOf{}
		proof, err := a.Do(t.Context(), Rig{ID: 4, Events: e, Writer: &tt.w}, c)
		if tt.failed != "" {
			if err == nil || !strings.Contains(err.Error(), tt.failed) || len(e.bodies) > 0 {
				t.Errorf("%v, %d events", err, len(e.bodies))
			}
			continue
		}
		want := []drill.Body{
			drill.WriteSent{Command: 4, ID: "w-1", Dataset: "orders", Population: "near", Region: "east", Text: "hello"},
			drill.WriteEnded{ID: "w-1", Dataset: "orders", Took: tt.w.out.Took, By: tt.w.out.By, Epoch: tt.w.out.Epoch, Index: tt.w.out.Index, Error: tt.w.out.Error},
		}
		if err != nil || proof.Text != tt.proof || len(e.bodies) != 2 || e.bodies[0] != want[0] || e.bodies[1] != want[1] {
			t.Errorf("%q, %v, %+v", proof.Text, err, e.bodies)
		}
	}
}
