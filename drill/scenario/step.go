package scenario

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// step is a step of the plan with where it stands in the file.
type step struct {
	runbook.Step
	line   int
	at     *yaml.Node // nil when it has no usable time
	fields map[string]*yaml.Node
}

// stepKeys is the keys of all actions' parameters, each once.
func stepKeys() []string {
	var keys []string
	for _, a := range action.All {
		for _, k := range paramKeys(a) {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

func paramKeys(a action.Action) []string {
	var keys []string
	for _, p := range a.Params {
		keys = append(keys, p.Keys()...)
	}
	return keys
}

func (r *drillReader) step(n *yaml.Node) {
	if r.more++; r.more > maxSteps {
		if r.more == maxSteps+1 {
			r.Bad(n, "this is step %d; a drill takes at most %d", r.more, maxSteps)
		}
		return
	}
	s := &step{line: n.Line, fields: map[string]*yaml.Node{}}
	var do *yaml.Node
	keys := []key{
		{"at", func(n *yaml.Node) {
			before := len(r.Problems)
			if s.At = r.Duration(n, "at", 0); len(r.Problems) == before {
				s.at = n
			}
		}, "at: 0s, counted from the end of the steady check"},
		{"expect", func(n *yaml.Node) { s.Expect, _ = r.OneOf(n, "expect", []string{runbook.ExpectRefused}, "there is") }, ""},
		{"do", func(n *yaml.Node) { do = n }, "do: " + strings.Join(action.Verbs(), " | ")},
	}
	for _, name := range stepKeys() {
		keys = append(keys, key{Name: name, Read: func(n *yaml.Node) { s.fields[name] = n }})
	}
	before := len(r.Problems)
	if !r.mapping(n, "a step", keys) {
		return
	}
	if do != nil && r.verb(do, s) {
		r.command(n, s, len(r.Problems) == before)
	}
	r.steps = append(r.steps, s)
	r.plan.Steps = append(r.plan.Steps, s.Step)
}

func (r *drillReader) verb(n *yaml.Node, s *step) bool {
	v, ok := r.Scalar(n, "do", "kill")
	if !ok {
		return false
	}
	if _, known := action.Find(runbook.Verb(v)); !known {
		r.Bad(n, "there is no step %s%s", strict.Quote(n), strict.Hint(v, action.Verbs(), "there are"))
		return false
	}
	s.Command.Verb = runbook.Verb(v)
	return true
}

// command reads what the action takes, and refuses what it does not take. What is missing
// is reported only while the step's keys are all right: it may be one of them.
func (r *drillReader) command(n *yaml.Node, s *step, right bool) {
	c := &s.Command
	c.By = runbook.ByDrill
	a, _ := action.Find(c.Verb)
	takes := paramKeys(a)
	for _, name := range stepKeys() {
		if f, there := s.fields[name]; there && !slices.Contains(takes, name) {
			r.Bad(f, "%s takes no %q; it takes %s", c.Verb, name, strict.Enumerate(takes))
		}
	}
	for _, p := range a.Params {
		r.param(n, s, p, right)
	}
}

// param reads one parameter by its kind.
func (r *drillReader) param(n *yaml.Node, s *step, p param.Param, right bool) {
	c := &s.Command
	switch p.Kind {
	case param.KindEndpoints:
		r.ends(n, s, right)
		return
	case param.KindDomain:
		r.domain(n, s, p, right)
		return
	}
	f := s.fields[p.Name]
	if f == nil {
		if right && !p.Optional {
			r.Bad(n, "%q is missing in %s; add %s: %s", p.Name, c.Verb, p.Name, r.example(p))
		}
		return
	}
	switch p.Kind {
	case param.KindRegion:
		p.Put(c, r.subject(f, "region", r.fleet.RegionNames(), "the regions are"))
	case param.KindDataset:
		p.Put(c, r.subject(f, "dataset", r.datasetNames(), "the datasets are"))
	case param.KindPopulation:
		p.Put(c, r.subject(f, "population", r.populationNames(), "the populations are"))
	case param.KindMode:
		r.mode(n, f, s)
	case param.KindCondition:
		v, _ := r.OneOf(f, "condition", param.Conditions(), "there are")
		p.Put(c, v)
	case param.KindWord:
		v, _ := r.OneOf(f, p.Name, p.Words(), "there are")
		p.Put(c, v)
	case param.KindText:
		p.Put(c, r.Text(f, "the "+string(c.Verb), action.MostWords))
	default:
		if v, ok := r.Scalar(f, p.Name, p.Example); ok {
			if err := p.Set(c, v); err != nil {
				r.Bad(f, "%s", err)
			}
		}
	}
}

// mode reads a durability: a mode and, for sync, its partner.
func (r *drillReader) mode(n, f *yaml.Node, s *step) {
	c := &s.Command
	m, _ := r.OneOf(f, "mode", modes, "there are")
	c.Mode = topology.Mode(m)
	with := s.fields["with"]
	if with != nil {
		c.With = r.subject(with, "region", r.fleet.RegionNames(), "the regions are")
	}
	if c.Mode == "" || with != nil && c.With == "" {
		return // one of the two is reported already
	}
	switch wrong, refused := rule.CheckDurability(topology.Durability{Mode: c.Mode, With: c.With}); {
	case refused == nil:
	case wrong == "with":
		r.Bad(with, "%s", refused)
	case c.Mode == topology.ModeSync: // what it lacks has no line of its own
		r.Bad(n, "%s", refused)
	default:
		r.Bad(f, "%s", refused)
	}
}

// ends reads which links are meant: both ways between two ends, or one.
func (r *drillReader) ends(n *yaml.Node, s *step, right bool) {
	c := &s.Command
	between, from, to := s.fields["between"], s.fields["from"], s.fields["to"]
	names := param.Endpoints(r.fleet)
	end := func(n *yaml.Node) string { return r.subject(n, "end", names, "the ends are") }
	var a, b string
	switch {
	case between != nil && from == nil && to == nil:
		if between.Kind != yaml.SequenceNode || len(between.Content) != 2 {
			r.Bad(between, "between takes two ends; like [us-east, eu-west], or [us-east, others]")
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
		r.Bad(n, "%s takes between: [A, B] for both directions, or from: A and to: B for one", c.Verb)
		return
	default:
		return
	}
	if a == "" || b == "" || !r.known {
		return
	}
	if refused := param.CheckEndpoints(r.fleet, *c); refused != nil {
		r.Bad(n, "%s", refused)
	}
}

// subject reads a name of the fleet's, as far as the fleet is known. It is ""
// when the fleet has no such thing.
func (r *drillReader) subject(n *yaml.Node, what string, names []string, are string) string {
	if !r.known {
		v, _ := r.Scalar(n, what, "its name")
		return v
	}
	v, _ := r.OneOf(n, what, names, are)
	return v
}

func (r *drillReader) datasetNames() []string {
	var names []string
	for _, d := range r.fleet.Datasets {
		names = append(names, d.Name)
	}
	return names
}

func (r *drillReader) populationNames() []string {
	var names []string
	for _, p := range r.fleet.Users {
		names = append(names, p.Name)
	}
	return names
}

// example is what a parameter could be, with a name that the fleet has.
func (r *drillReader) example(p param.Param) string {
	switch {
	case (p.Kind == param.KindRegion || p.Kind == param.KindDomain) && len(r.fleet.Regions) > 0:
		return r.fleet.Regions[0].Name
	case p.Kind == param.KindDataset && len(r.fleet.Datasets) > 0:
		return r.fleet.Datasets[0].Name
	case p.Kind == param.KindPopulation && len(r.fleet.Users) > 0:
		return r.fleet.Users[0].Name
	}
	return p.Example
}
