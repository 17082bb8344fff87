package runbook

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Verb names what a command does.
type Verb string

// The commands. Wait is only found in drill files: it holds the steps after it
// until its condition is met.
const (
	VerbKill       Verb = "kill"
	VerbFreeze     Verb = "freeze"
	VerbCordon     Verb = "cordon"
	VerbUncordon   Verb = "uncordon"
	VerbRestore    Verb = "restore"
	VerbScale      Verb = "scale" // another number of web replicas
	VerbPromote    Verb = "promote"
	VerbSwitchover Verb = "switchover"
	VerbPartition  Verb = "partition" // the link stays silent, both ways or one
	VerbHeal       Verb = "heal"
	VerbMode       Verb = "mode"
	VerbForce      Verb = "force"  // a promotion that may lose acknowledged writes
	VerbReseed     Verb = "reseed" // a replica loses its disk and is copied whole
	VerbDrift      Verb = "drift"  // a change of one region by hand, past the repository
	VerbCommit     Verb = "commit" // a change to the repository
	VerbRevert     Verb = "revert" // the newest commit taken back
	VerbNote       Verb = "note"
	VerbWait       Verb = "wait"
)

// The conditions of a wait.
const (
	WaitRecovered = "recovered" // users have recovered from every fault
	WaitCaughtUp  = "caught-up" // every region that nothing holds away serves, and its replicas are current; users may still be hurt
	WaitSteady    = "steady"    // both
)

// Who asks for something.
const (
	ByDrill      = "drill"      // for the steps of a plan
	ByOperator   = "operator"   // a person, by key or from another shell
	ByController = "controller" // the failover controller, for what follows from a move
)

// Command is what an operator or a drill's step asks of the engine. Which of
// the fields are used depends on the verb: Region for kill, freeze, cordon,
// uncordon, restore, and with Replicas for scale; Dataset and To for promote, switchover and force; Dataset,
// Mode and With for mode; Dataset and Region for reseed; Between, or From and To
// for one direction, for what is done to links, and Shape for how they are; Text for note; For for wait;
// Dataset, Population and Text for write; Region and Text for drift, Text for commit.
type Command struct {
	Verb   Verb   `json:"do"`
	Region string `json:"region,omitempty"`
	// Domain is what is broken or restored in place of one Region: all of a cluster, of an environment, or the hub.
	Domain  topology.Target `json:"domain,omitzero"`
	Dataset string          `json:"dataset,omitempty"`
	To      string          `json:"to,omitempty"`
	From    string          `json:"from,omitempty"`
	// Between are the two ends of a link: regions, EndControl, or EndOthers second.
	Between [2]string     `json:"between,omitzero"`
	Mode    topology.Mode `json:"mode,omitempty"`
	With    string        `json:"with,omitempty"`
	// Shape is what a link is made of from now on.
	Shape topology.Shape `json:"shape,omitzero"`
	Text  string         `json:"text,omitempty"`
	For   string         `json:"for,omitempty"`
	// Replicas is how many web replicas a region is to have.
	Replicas Count `json:"replicas,omitzero"`
	// Population is whose user it is done as.
	Population string `json:"population,omitempty"`
	// By is who asked: ByOperator, ByDrill or a person's name.
	By string `json:"by,omitempty"`
}

// String is the command as a person would say it, made of the fields that are set.
func (c Command) String() string {
	text := string(c.Verb)
	switch a, b, oneWay := c.Endpoints(); {
	case a != "" && oneWay:
		text += " from " + a + " to " + b
	case a != "":
		text += " " + a + " and " + b
	case c.Mode != "":
		text += " of " + c.Dataset + ": " + topology.Durability{Mode: c.Mode, With: c.With}.String()
	case c.Dataset != "":
		text += " " + c.Dataset
		if c.Region != "" {
			text += " in " + c.Region
		}
		if c.To != "" {
			text += " to " + c.To
		}
	case c.Region != "":
		text += " " + c.Region
	case c.Domain != (topology.Target{}):
		text += " " + c.Domain.String()
	}
	if c.Replicas.Given {
		text += " to " + c.Replicas.String()
	}
	if c.Population != "" {
		text += " as " + c.Population
	}
	if !c.Shape.IsZero() {
		text += ": " + c.Shape.String()
	}
	if c.Text != "" {
		text += ": " + c.Text
	}
	if c.For != "" {
		text += " for " + c.For
	}
	return text
}

// Endpoints are the two ends of a partition that a command names, and whether only what
// goes from the first to the second is meant.
func (c Command) Endpoints() (a, b string, oneWay bool) {
	if c.Between[0] != "" {
		return c.Between[0], c.Between[1], false
	}
	return c.From, c.To, true
}

// Falls is the regions that go down, or come back, with what a command on a region or a domain names: those and all that
// share a cluster with one of them, in the file's order.
func (c Command) Falls(f topology.Fleet) []string {
	if c.Region != "" {
		return f.Domain(c.Region)
	}
	return topology.Falling(f, c.Domain.Members(f))
}

// On is the regions that a command on a region or a domain works on: those that fall with it, and of a zone the one that it is in.
func (c Command) On(f topology.Fleet) []string {
	if of, is := topology.RegionOfZone(f, c.Domain.Name); is && c.Domain.Kind == topology.DomainZone {
		return []string{of.Name}
	}
	return c.Falls(f)
}

// TakesBack reports whether a command that undoes names what another one did: a region of the same failure domain, that or a
// zone of it, the same zone, or the same links, whichever end is first where both ways are meant.
func (c Command) TakesBack(f topology.Fleet, other Command) bool {
	x, y, oneWay := c.Endpoints()
	u, v, otherOneWay := other.Endpoints()
	switch {
	case x != "" || u != "":
		return oneWay == otherOneWay && (x == u && y == v || !oneWay && x == v && y == u)
	case c.Domain.Kind == topology.DomainZone:
		return c.Domain == other.Domain
	case c.Region != "" && c.Region == other.Region: // also where the fleet has no such region
		return true
	case c.placeless() && other.placeless(): // of the repository, which is one
		return true
	}
	on := other.On(f)
	return slices.ContainsFunc(c.Falls(f), func(r string) bool { return slices.Contains(on, r) })
}

// placeless reports whether it names no place, and no dataset.
func (c Command) placeless() bool {
	return c.Region == "" && c.Domain == topology.Target{} && c.Dataset == ""
}

// Separates reports whether a cut of the links that it names keeps two places from talking.
func (c Command) Separates(x, y string) bool { return Effect{Cuts: c.Ways()}.Separates(x, y) }

// Ways is the directions that a command on links names: both for Between, one for From and To.
func (c Command) Ways() []topology.Way { return topology.Ways(c.Endpoints()) }
