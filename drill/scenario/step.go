package scenario

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill"
)

// step is a step of the plan with where it stands in the file.
type step struct {
	drill.Step
	line   int
	at     *yaml.Node // nil when it has no usable time
	fields map[string]*yaml.Node
}

// verbs are the keys that each verb needs beside at and do, in the order in which
// they are written.
var verbs = map[drill.Verb][]string{
	drill.VerbKill:       {"region"},
	drill.VerbFreeze:     {"region"},
	drill.VerbCordon:     {"region"},
	drill.VerbUncordon:   {"region"},
	drill.VerbRestore:    {"region"},
	drill.VerbPromote:    {"dataset", "to"},
	drill.VerbSwitchover: {"dataset", "to"},
	drill.VerbForce:      {"dataset", "to"},
	drill.VerbMode:       {"dataset", "mode", "with"},
	drill.VerbReseed:     {"dataset", "region"},
	drill.VerbPartition:  {"between", "from", "to"},
	drill.VerbHeal:       {"between", "from", "to"},
	drill.VerbNote:       {"text"},
	drill.VerbWait:       {"for"},
}

// verbNames are the verbs as a person would list them; laterVerbs come later.
var (
	verbNames  = []string{"kill", "freeze", "cordon", "uncordon", "restore", "promote", "switchover", "force", "mode", "reseed", "partition", "heal", "note", "wait"}
	laterVerbs = []string{"brownout"}
)

// stepKeys are all keys of steps, those of later verbs too: a step with a later
// verb has one problem, not one for each of its keys.
var stepKeys = []string{"region", "dataset", "to", "text", "for", "between", "from", "rtt", "bandwidth", "loss", "mode", "with"}

func (r *drillReader) step(n *yaml.Node) {
	if r.more++; r.more > maxSteps {
		if r.more == maxSteps+1 {
			r.bad(n, "this is step %d; a drill takes at most %d", r.more, maxSteps)
		}
		return
	}
	s := &step{line: n.Line, fields: map[string]*yaml.Node{}}
	var do *yaml.Node
	keys := []key{
		{"at", func(n *yaml.Node) {
			before := len(r.problems)
			if s.At = r.duration(n, "at", 0); len(r.problems) == before {
				s.at = n
			}
		}, "at: 0s, counted from the end of the steady check"},
		{"expect", func(n *yaml.Node) { s.Expect, _ = r.oneOf(n, "expect", []string{drill.ExpectRefused}, "there is") }, ""},
		{"do", func(n *yaml.Node) { do = n }, "do: " + strings.Join(verbNames, " | ")},
	}
	for _, name := range stepKeys {
		keys = append(keys, key{name: name, read: func(n *yaml.Node) { s.fields[name] = n }})
	}
	before := len(r.problems)
	if !r.mapping(n, "a step", keys) {
		return
	}
	if do != nil && r.verb(do, s) {
		r.command(n, s, len(r.problems) == before)
	}
	r.steps = append(r.steps, s)
	r.plan.Steps = append(r.plan.Steps, s.Step)
}

func (r *drillReader) verb(n *yaml.Node, s *step) bool {
	v, ok := r.scalar(n, "do", "kill")
	switch {
	case !ok:
		return false
	case slices.Contains(laterVerbs, v):
		r.bad(n, "step %s %s; there are %s", v, notServed, list(verbNames))
		return false
	case !slices.Contains(verbNames, v):
		r.bad(n, "there is no step %s%s", quote(n), hint(v, verbNames, "there are"))
		return false
	}
	s.Command.Verb = drill.Verb(v)
	return true
}

// command reads what the verb works on, and refuses what it does not take. What
// is missing is told only while the step's keys are all right: it may be one of them.
func (r *drillReader) command(n *yaml.Node, s *step, right bool) {
	c := &s.Command
	c.By = byDrill
	needs := verbs[c.Verb]
	for _, name := range stepKeys {
		f, there := s.fields[name]
		if there && !slices.Contains(needs, name) {
			r.bad(f, "%s takes no %q; it takes %s", c.Verb, name, list(needs))
		}
	}
	if c.Verb == drill.VerbPartition || c.Verb == drill.VerbHeal {
		r.ends(n, s, right)
		return
	}
	for _, name := range needs {
		f := s.fields[name]
		if name == "with" && f == nil {
			if c.Mode == drill.ModeSync {
				r.bad(n, "mode sync lacks \"with\"; add with: REGION, the one that stores every write beside the authority")
			}
			continue
		}
		if f == nil && !right {
			continue
		}
		if f == nil {
			r.bad(n, "%s lacks %q; add %s", c.Verb, name, r.example(name))
			continue
		}
		switch name {
		case "region":
			c.Region = r.subject(f, "region", r.fleet.RegionNames(), "the regions are")
		case "to":
			c.To = r.subject(f, "region", r.fleet.RegionNames(), "the regions are")
		case "dataset":
			c.Dataset = r.subject(f, "dataset", r.datasetNames(), "the datasets are")
		case "mode":
			m, _ := r.oneOf(f, "mode", modes, "there are")
			if c.Mode = drill.Mode(m); c.Mode == drill.ModePinned {
				r.bad(f, "residency is not switched while a drill runs: it decides where data may be; say mode: pinned in the fleet file")
			}
		case "with":
			if c.With = r.subject(f, "region", r.fleet.RegionNames(), "the regions are"); c.Mode != drill.ModeSync && c.Mode != "" {
				r.bad(f, "\"with\" belongs to mode sync; leave it out")
			}
		case "text":
			c.Text = r.text(f, "the note", 200)
		case "for":
			c.For, _ = r.oneOf(f, "condition", []string{drill.WaitRecovered, drill.WaitSteady}, "there are")
		}
	}
}

// ends reads where a link is cut or healed: both ways between two ends, or one.
func (r *drillReader) ends(n *yaml.Node, s *step, right bool) {
	c := &s.Command
	between, from, to := s.fields["between"], s.fields["from"], s.fields["to"]
	names := append(slices.Clone(r.fleet.RegionNames()), drill.EndControl, drill.EndOthers)
	end := func(n *yaml.Node) string { return r.subject(n, "end", names, "the ends are") }
	var a, b string
	switch {
	case between != nil && from == nil && to == nil:
		if between.Kind != yaml.SequenceNode || len(between.Content) != 2 {
			r.bad(between, "between takes two ends; like [us-east, eu-west], or [us-east, others]")
			return
		}
		a, b = end(between.Content[0]), end(between.Content[1])
		c.Between = [2]string{a, b}
		n = between
	case between == nil && from != nil && to != nil:
		a, b = end(from), end(to)
		c.From, c.To = a, b
		n = from
	case right:
		r.bad(n, "%s takes between: [A, B] for both directions, or from: A and to: B for one", c.Verb)
		return
	default:
		return
	}
	switch {
	case a == "" || b == "" || !r.known:
	case a == b:
		r.bad(n, "a link from %s to itself; name two ends", a)
	case !r.fleet.Has(a) && !r.fleet.Has(b):
		r.bad(n, "one end must be a region; %s and %s are not", a, b)
	case c.Between[0] == drill.EndOthers:
		r.bad(n, "name the region first: [%s, %s]", b, a)
	}
}

// subject reads a name of the fleet's, as far as the fleet is known. It is ""
// when the fleet has no such thing.
func (r *drillReader) subject(n *yaml.Node, what string, names []string, are string) string {
	if !r.known {
		v, _ := r.scalar(n, what, "its name")
		return v
	}
	v, _ := r.oneOf(n, what, names, are)
	return v
}

func (r *drillReader) datasetNames() []string {
	var names []string
	for _, d := range r.fleet.Datasets {
		names = append(names, d.Name)
	}
	return names
}

func (r *drillReader) example(name string) string {
	region, dataset := "us-east", "orders"
	if len(r.fleet.Regions) > 0 {
		region = r.fleet.Regions[0].Name
	}
	if len(r.fleet.Datasets) > 0 {
		dataset = r.fleet.Datasets[0].Name
	}
	switch name {
	case "region", "to":
		return fmt.Sprintf("%s: %s", name, region)
	case "dataset":
		return "dataset: " + dataset
	case "mode":
		return "mode: async, sync or quorum"
	case "for":
		return "for: recovered or for: steady"
	default:
		return "text: what the reader should look at"
	}
}
