package param

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/quantity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Kind says what a parameter takes. Dialogs and file readers know kinds, not actions.
type Kind int

// The kinds.
const (
	KindRegion     Kind = iota // a region of the fleet
	KindDataset                // a dataset of the fleet
	KindEndpoints              // two ends of a link, both ways or one
	KindMode                   // a durability mode and, for sync, its partner
	KindCondition              // what a wait waits for
	KindText                   // a line for people
	KindDuration               // "400ms"
	KindRate                   // bits per second, "5Mbps"
	KindShare                  // from 0 to 1, "2%"
	KindPopulation             // a population of the fleet
	KindReplicas               // a number of web replicas, "3"
	KindDomain                 // a region, or a failure domain that is wider
	KindWord                   // one of Among
)

// Param is one thing that an action takes. Name is its key in a drill file.
type Param struct {
	Name     string
	Kind     Kind
	Optional bool
	Example  string   // as a file has it, without the key
	Help     string   // a few words
	Forms    []string // of KindText: other ways to write it, where there are
	Among    []Word   // of KindWord: all that there are
	// Field is where a command keeps it: a *string, *time.Duration, *int64, *float64 or
	// *runbook.Count.
	// Nil for kinds that take several keys.
	Field func(*runbook.Command) any
}

// Word is one of those that a parameter takes, and what it does.
type Word struct{ Text, Note string }

// Words is all that a parameter of KindWord takes.
func (p Param) Words() []string { return namesOf(p.Among, func(w Word) string { return w.Text }) }

// Keys is the keys that a drill file may write the parameter with.
func (p Param) Keys() []string {
	switch p.Kind {
	case KindEndpoints:
		return []string{"between", "from", "to"}
	case KindMode:
		return []string{"mode", "with"}
	case KindDomain:
		return append([]string{p.Name}, topology.TargetKinds()...)
	}
	return []string{p.Name}
}

// Has reports whether the command has the parameter.
func (p Param) Has(c runbook.Command) bool {
	switch p.Kind {
	case KindEndpoints:
		a, b, _ := c.Endpoints()
		return a != "" && b != ""
	case KindMode:
		return c.Mode != ""
	case KindDomain:
		return c.Region != "" || c.Domain != (topology.Target{})
	}
	switch f := p.Field(&c).(type) {
	case *string:
		return *f != ""
	case *time.Duration:
		return *f != 0
	case *int64:
		return *f != 0
	case *float64:
		return *f != 0
	case *runbook.Count:
		return f.Given
	}
	return false
}

// Put sets a parameter that is a name or a text: the region, the dataset, the condition
// or the line. It panics for other kinds, which take Set or a Choice.
func (p Param) Put(c *runbook.Command, name string) { *p.Field(c).(*string) = name }

// Set reads the parameter as a person writes it into the command. The error says what
// would be right. Kinds that take several keys are set by a Choice.
func (p Param) Set(c *runbook.Command, text string) error {
	text = strings.TrimSpace(text)
	var err error
	switch f := p.Field(c).(type) {
	case *string:
		*f = text
	case *time.Duration:
		*f, err = quantity.Delay(text)
	case *int64:
		*f, err = quantity.Bandwidth(text)
	case *float64:
		*f, err = quantity.Loss(text)
	case *runbook.Count:
		*f, err = replicas(text)
	}
	if err != nil {
		return fmt.Errorf("%s %w, like %s", p.Name, err, p.Example)
	}
	return nil
}

// Check refuses a command that lacks the parameter or names what the fleet has not.
func (p Param) Check(s *drill.State, c runbook.Command) *rule.Refusal {
	if !p.Has(c) {
		if p.Optional {
			return nil
		}
		return rule.Refuse("add "+p.Name+": "+p.Example, "%s needs %s", c.Verb, p.Name)
	}
	switch p.Kind {
	case KindRegion:
		return unknown("region", *p.Field(&c).(*string), s.Fleet.RegionNames())
	case KindDomain:
		return checkDomain(s.Fleet, c)
	case KindDataset:
		return unknown("dataset", c.Dataset, datasetNames(s.Fleet))
	case KindPopulation:
		return unknown("population", c.Population, populationNames(s.Fleet))
	case KindEndpoints:
		return CheckEndpoints(s.Fleet, c)
	case KindMode:
		if r := unknown("mode", string(c.Mode), modes()); r != nil {
			return r
		}
		if c.With != "" {
			return unknown("region", c.With, s.Fleet.RegionNames())
		}
	case KindReplicas:
		if c.Replicas.N < 0 || c.Replicas.N > topology.MostWebReplicas {
			return rule.Refuse(fmt.Sprintf("give 0 to %d", topology.MostWebReplicas), "%d web replicas", c.Replicas.N)
		}
	case KindCondition:
		return unknown("condition", c.For, Conditions())
	case KindWord:
		return unknown(p.Name, *p.Field(&c).(*string), p.Words())
	}
	return nil
}

// replicas reads how many web replicas a region is to have.
func replicas(text string) (runbook.Count, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > topology.MostWebReplicas {
		return runbook.Count{}, fmt.Errorf("is %.40q: write a number from 0 to %d", text, topology.MostWebReplicas)
	}
	return runbook.Counted(n), nil
}

func unknown(what, name string, names []string) *rule.Refusal {
	if slices.Contains(names, name) {
		return nil
	}
	return rule.Refuse("there are "+strings.Join(names, ", "), "there is no %s %q", what, name)
}

// CheckEndpoints refuses ends that are no two places with a link between them.
func CheckEndpoints(f topology.Fleet, c runbook.Command) *rule.Refusal {
	a, b, oneWay := c.Endpoints()
	for _, end := range []string{a, b} {
		if r := unknown("end", end, Endpoints(f)); r != nil {
			return r
		}
	}
	switch {
	case a == b:
		return rule.Refuse("name two ends", "a link from %s to itself", a)
	case !f.Has(a) && !f.Has(b):
		return rule.Refuse("name a region", "one end must be a region; %s and %s are not", a, b)
	case !oneWay && a == topology.EndOthers:
		return rule.Refuse(fmt.Sprintf("name the region first: [%s, %s]", b, a), "%s comes second", a)
	}
	return nil
}

// Endpoints is every place that a link can end at for an action: the regions, where the
// controller stands, and everything but the region named beside it.
func Endpoints(f topology.Fleet) []string {
	return append(slices.Clone(f.RegionNames()), topology.EndControl, topology.EndOthers)
}

// modes is the modes that a dataset can be switched to while a drill runs.
func modes() []string {
	return []string{string(topology.ModeAsync), string(topology.ModeSync), string(topology.ModeQuorum)}
}

// Conditions is what a wait can wait for.
func Conditions() []string {
	return []string{runbook.WaitRecovered, runbook.WaitCaughtUp, runbook.WaitSteady}
}

func datasetNames(f topology.Fleet) []string {
	return namesOf(f.Datasets, func(d topology.Dataset) string { return d.Name })
}

func populationNames(f topology.Fleet) []string {
	return namesOf(f.Users, func(p topology.Population) string { return p.Name })
}

func namesOf[T any](all []T, name func(T) string) (names []string) {
	for _, x := range all {
		names = append(names, name(x))
	}
	return names
}

// The parameters that several actions take.
var (
	Region = Param{Name: "region", Kind: KindRegion, Example: "us-east", Help: "which region", Field: func(c *runbook.Command) any { return &c.Region }}
	// Domain is a region, or what falls with more than one.
	Domain  = Param{Name: "region", Kind: KindDomain, Example: "us-east", Help: "which region, or more"}
	Dataset = Param{Name: "dataset", Kind: KindDataset, Example: "orders", Help: "which dataset", Field: func(c *runbook.Command) any { return &c.Dataset }}
	To      = Param{Name: "to", Kind: KindRegion, Example: "eu-west", Help: "which region leads it then", Field: func(c *runbook.Command) any { return &c.To }}
	Links   = Param{Name: "between", Kind: KindEndpoints, Example: "[us-east, eu-west]", Help: "which links"}
)

// Usage is the parameters of an action as a drill file takes them: "between: [us-east,
// eu-west] (or from and to)  rtt: 400ms …". Those in brackets may be left out.
func Usage(params []Param) string {
	if len(params) == 0 {
		return "nothing"
	}
	var parts []string
	for _, p := range params {
		text := p.Name + ": " + p.Example
		switch p.Kind {
		case KindEndpoints:
			text += " (or from: and to: for one way)"
		case KindMode:
			text += " (sync: and with: a region)"
		case KindText:
			if len(p.Forms) > 0 {
				text += " (or " + strings.Join(p.Forms, ", or ") + ")"
			}
		case KindWord:
			words := p.Words()
			text = p.Name + ": " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
		case KindDomain:
			text += " (or cluster:, environment: or hub: for all of it, zone: for a part)"
		}
		if p.Optional {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
