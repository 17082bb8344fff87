package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A comparison is of two fleets at least, and of no more than have room side by side.
const minCompared, maxCompared = 2, 6

// Comparison is one drill on several fleets, as a comparison file or the command line names them.
type Comparison struct {
	// Name, Title, Question and Teaches are "" for one of the command line.
	Name, Title, Question, Teaches string
	// Drill and Fleets are the names that LoadDrillOn and LoadFleet take.
	Drill  string
	Fleets []string
	// Runs is the drill as it is checked against each fleet, in the order of Fleets.
	Runs []Shipped
}

// FleetNames is the fleets' own names, in their order.
func (c Comparison) FleetNames() (names []string) {
	for _, r := range c.Runs {
		names = append(names, r.Fleet.Name)
	}
	return names
}

// Expected is about how long all runs take on a local fleet, one after the other.
func (c Comparison) Expected() (whole time.Duration) {
	for _, r := range c.Runs {
		whole += r.Plan.Expected()
	}
	return whole
}

// IsComparison reports whether a name is that of a comparison: one that ships, or a file that has a drill
// and fleets.
func IsComparison(name string) bool {
	src, err := open(name, comparisons, "")
	return err == nil && src.Root != nil && src.Has("drill") && src.Has("fleets")
}

// LoadComparison loads a comparison, and its drill on each of its fleets: one that ships, by its name, or a
// file, by a path. The drill and the fleets are relative to the file.
func LoadComparison(name string) (Comparison, error) {
	src, err := open(name, comparisons, "")
	if err != nil {
		return Comparison{}, err
	}
	c := readComparison(src)
	return c, src.err()
}

// Compare is a drill on each of some fleets. All that does not fit is said at once, with the fleet it is of.
func Compare(drill string, fleets []string) (Comparison, error) {
	c := Comparison{Drill: drill, Fleets: fleets}
	if n := len(fleets); n < minCompared || n > maxCompared {
		return c, fmt.Errorf("%s named; name %d to %d: --fleets one-cluster,three-regions", format.Plural(n, "fleet is", "fleets are"), minCompared, maxCompared)
	}
	var all []error
	for _, name := range fleets {
		fleet, err := LoadFleet(name)
		if err != nil {
			all = append(all, err)
			continue
		}
		plan, err := LoadDrillOn(drill, fleet)
		switch {
		case errors.Is(err, catalog.ErrNotShipped):
			return c, err // the same for each
		case err != nil:
			all = append(all, fmt.Errorf("on fleet %s: %w", fleet.Name, err))
		default:
			c.Runs = append(c.Runs, Shipped{Plan: plan, Fleet: fleet})
		}
	}
	if len(all) == 0 {
		all = append(all, unlike(c.Runs)...)
	}
	return c, errors.Join(all...)
}

func readComparison(s *source) (c Comparison) {
	c.Name = strings.TrimSuffix(filepath.Base(s.File), filepath.Ext(s.File))
	if s.Root == nil {
		return c
	}
	var drill, fleets *yaml.Node
	if !s.mapping(s.Root, "a comparison", []key{
		{"title", func(n *yaml.Node) { c.Title = s.Text(n, "the title", 80) }, "title: what is held against what"},
		{"question", func(n *yaml.Node) { c.Question = s.Text(n, "the question", 60) }, ""},
		{"teaches", func(n *yaml.Node) { c.Teaches = s.Text(n, "what it teaches", 200) }, ""},
		{"drill", func(n *yaml.Node) { drill = n }, "drill: lose-a-cluster, or a path beside this file"},
		{"fleets", func(n *yaml.Node) { fleets = n }, "fleets: [one-cluster, three-regions]"},
	}) {
		return c
	}
	dir := filepath.Dir(s.File)
	named := func(n *yaml.Node, what string) string {
		name, ok := s.Scalar(n, what, "one-cluster")
		if ok && s.ships && catalog.IsPath(name) {
			s.Bad(n, "a comparison that ships names what ships, not a path")
			return ""
		}
		if catalog.IsPath(name) && !filepath.IsAbs(name) {
			return filepath.Join(dir, name)
		}
		return name
	}
	if drill != nil {
		c.Drill = named(drill, "drill")
	}
	if fleets == nil || c.Drill == "" {
		return c
	}
	s.List(fleets, "fleets", "[one-cluster, three-regions]", func(n *yaml.Node) {
		name := named(n, "fleet")
		if name == "" || len(c.Fleets) >= maxCompared {
			return
		}
		c.Fleets = append(c.Fleets, name)
		fleet, err := LoadFleet(name)
		if err == nil {
			var run Shipped
			if run.Plan, err = LoadDrillOn(c.Drill, fleet); err == nil {
				run.Fleet = fleet
				c.Runs = append(c.Runs, run)
				return
			}
			err = fmt.Errorf("drill %s does not fit fleet %s; %w", c.Drill, fleet.Name, err)
		}
		s.follows(n, err)
	})
	if len(s.Problems) > 0 || len(fleets.Content) == 0 {
		return c
	}
	if n := len(fleets.Content); n < minCompared || n > maxCompared {
		s.Bad(fleets, "%s to compare; name %d to %d", format.Plural(n, "fleet", "fleets"), minCompared, maxCompared)
		return c
	}
	for _, err := range unlike(c.Runs) {
		s.Bad(fleets, "%s", err)
	}
	return c
}

// follows notes what is wrong with a file that a node names: the problems of that file follow.
func (s *source) follows(n *yaml.Node, err error) {
	var found Problems
	if !errors.As(err, &found) {
		s.Bad(n, "%s", err)
		return
	}
	s.also = append(s.also, found...)
	what := cmp.Or(strings.TrimSuffix(strings.TrimSuffix(err.Error(), found.Error()), "; "), "fleet "+strict.Quote(n)+" can't be read")
	s.Bad(n, "%s; the problems of the other file follow", what)
}

// unlike says why runs can't be held side by side: a fleet that stands twice, or users who are
// not the same. Where they are is the fleets' own.
func unlike(runs []Shipped) (all []error) {
	first := runs[0].Fleet
	for i, r := range runs {
		f := r.Fleet
		if slices.ContainsFunc(runs[:i], func(o Shipped) bool { return o.Fleet.Name == f.Name }) {
			all = append(all, fmt.Errorf("fleet %s is named twice; name another", f.Name))
			continue
		}
		if why := otherUsers(first, f); why != "" {
			all = append(all, fmt.Errorf("fleet %s has other users than %s, so their numbers can't be compared: %s", f.Name, first.Name, why))
		}
	}
	return all
}

// otherUsers says in what the users of a fleet are not those of another; "" where they are.
func otherUsers(of, f topology.Fleet) string {
	var names, wanted []string
	for _, p := range f.Users {
		names = append(names, p.Name)
	}
	for _, p := range of.Users {
		wanted = append(wanted, p.Name)
		is, found := f.Population(p.Name)
		switch {
		case !found:
			return fmt.Sprintf("there is no population %s%s", p.Name, strict.Hint(p.Name, names, "there are"))
		case is.Count != p.Count:
			return fmt.Sprintf("%s is %s; make it %s", p.Name, format.Plural(is.Count, "user", "users"), format.Count(p.Count))
		case is.Rate != p.Rate:
			return fmt.Sprintf("%s asks %g times a second; make it %g", p.Name, is.Rate, p.Rate)
		case is.Writes != p.Writes:
			return fmt.Sprintf("%s of what %s asks is writes; make it %s", format.Percent(is.Writes), p.Name, format.Percent(p.Writes))
		case is.ReadOwn != p.ReadOwn:
			return fmt.Sprintf("%s of the reads of %s are of what they wrote just before; make it %s", format.Percent(is.ReadOwn), p.Name, format.Percent(p.ReadOwn))
		case is.Timeout != p.Timeout:
			return fmt.Sprintf("%s gives up after %s; make it %s", p.Name, format.Span(is.Timeout), format.Span(p.Timeout))
		case cmp.Or(is.Slow, topology.DefaultSlow) != cmp.Or(p.Slow, topology.DefaultSlow):
			return fmt.Sprintf("%s takes nothing for slow below %s; make it %s", p.Name, format.Span(cmp.Or(is.Slow, topology.DefaultSlow)), format.Span(cmp.Or(p.Slow, topology.DefaultSlow)))
		case is.Retries != p.Retries:
			return fmt.Sprintf("%s sends failed requests again by other rules than in %s; make its retries the same", p.Name, of.Name)
		}
	}
	for _, name := range names {
		if !slices.Contains(wanted, name) {
			return fmt.Sprintf("population %s is not in %s; take it out", name, of.Name)
		}
	}
	return ""
}
