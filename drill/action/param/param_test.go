package param

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A parameter that is typed is read in its own units, and an error says what would be right.
func TestAParameterIsReadAsPeopleWriteIt(t *testing.T) {
	var c runbook.Command
	for _, tt := range []struct {
		p    Param
		text string
		got  func() any
		want any
		says string
	}{
		{Param{Name: "rtt", Example: "400ms", Field: func(c *runbook.Command) any { return &c.Shape.RTT }}, " 400ms ", func() any { return c.Shape.RTT }, 400 * time.Millisecond, "rtt"},
		{Param{Name: "bandwidth", Example: "5Mbps", Field: func(c *runbook.Command) any { return &c.Shape.Bandwidth }}, "5Mbps", func() any { return c.Shape.Bandwidth }, int64(5_000_000), "like 5Mbps"},
		{Param{Name: "loss", Example: "2%", Field: func(c *runbook.Command) any { return &c.Shape.Loss }}, "2%", func() any { return c.Shape.Loss }, 0.02, "like 2%"},
	} {
		if tt.p.Has(c) {
			t.Errorf("%s is there before it was set", tt.p.Name)
		}
		if err := tt.p.Set(&c, tt.text); err != nil || tt.got() != tt.want || !tt.p.Has(c) {
			t.Errorf("%s: %v, want %v (%v)", tt.p.Name, tt.got(), tt.want, err)
		}
		if err := tt.p.Set(&c, "a lot"); err == nil || !strings.HasPrefix(err.Error(), tt.p.Name) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.p.Name, err)
		}
	}
}

// Each candidate is the command as it was, with the parameter and nothing else changed.
func TestACandidateIsTheCommandWithTheParameter(t *testing.T) {
	s := drill.NewState()
	s.Apply(drill.Event{Seq: 1, Body: drill.DrillStarted{Fleet: topology.Fleet{
		Regions:  []topology.Region{{Name: "east"}, {Name: "west"}},
		Datasets: []topology.Dataset{{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}}},
	}}})
	s.Dataset("orders").Authority = "east"
	c := runbook.Command{Verb: "some", By: "me", Dataset: "orders"}
	tests := []struct {
		p    Param
		want []string
		with func(c runbook.Command) string // what the command says of it
	}{
		{Region, []string{"east", "west"}, func(c runbook.Command) string { return c.Region }},
		{Links, []string{"east ↔ all others", "east → all others", "all others → east", "east ↔ west", "east → west"},
			func(c runbook.Command) string {
				return strings.ReplaceAll(LinkText(c), topology.EndOthers, "all others")
			}},
		{Param{Name: "mode", Kind: KindMode}, []string{"async", "sync with west", "quorum"},
			func(c runbook.Command) string { return topology.Durability{Mode: c.Mode, With: c.With}.String() }},
		{Param{Name: "for", Kind: KindText}, nil, nil},
	}
	for _, tt := range tests {
		var got []string
		for _, o := range tt.p.Options(s, "east", c) {
			got = append(got, o.Text)
			if says := tt.with(o.Command); says != o.Text || !tt.p.Has(o.Command) {
				t.Errorf("%s: the command of %q says %q", tt.p.Name, o.Text, says)
			}
			if o.Command.Verb != c.Verb || o.Command.By != c.By || o.Command.Dataset != c.Dataset {
				t.Errorf("%s: %q changed the rest: %+v", tt.p.Name, o.Text, o.Command)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.p.Name, got, tt.want)
		}
	}
}
