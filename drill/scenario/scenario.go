// Package scenario loads and checks the files that people write: fleets and
// drills, their own and those that ship. It is strict: whatever it does not
// understand is a problem that names the file, the line and what would be right,
// and all problems of a file are told at once (package strict).
package scenario

import (
	"slices"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// LoadFleet loads a fleet: one that ships, by its name, or a file, by a path (it
// has a slash in it or ends in .yaml). What is wrong in the file is a Problems.
func LoadFleet(name string) (topology.Fleet, error) {
	src, err := open(name, fleets, "")
	if err != nil {
		return topology.Fleet{}, err
	}
	f := readFleet(src)
	return f, src.err()
}

// LoadDrill loads a drill and the fleet that it names: one that ships, or a file
// by a path that is relative to the drill's. The name is as LoadFleet's.
func LoadDrill(name string) (runbook.Plan, topology.Fleet, error) {
	src, err := open(name, drills, "")
	if err != nil {
		return runbook.Plan{}, topology.Fleet{}, err
	}
	plan, fleet := readDrill(src, nil)
	return plan, fleet, src.err()
}

// LoadDrillOn loads a drill and checks it against another fleet than the one it names: a drill
// runs wherever the regions and datasets have the same names.
func LoadDrillOn(name string, fleet topology.Fleet) (runbook.Plan, error) {
	src, err := open(name, drills, "")
	if err != nil {
		return runbook.Plan{}, err
	}
	plan, _ := readDrill(src, &fleet)
	return plan, src.err()
}

// Load loads a drill and its fleet, or a fleet alone: the plan is nil then. The name is as
// LoadFleet's.
func Load(name string) (*runbook.Plan, topology.Fleet, error) {
	if !catalog.IsPath(name) && !slices.Contains(drills.Names(), name) && slices.Contains(fleets.Names(), name) {
		f, err := LoadFleet(name)
		return nil, f, err
	}
	src, err := open(name, drills, "")
	if err != nil {
		return nil, topology.Fleet{}, err
	}
	if src.Root != nil && src.Has("regions") && !src.Has("steps") {
		f := readFleet(src)
		return nil, f, src.err()
	}
	plan, fleet := readDrill(src, nil)
	return &plan, fleet, src.err()
}

// Catalog is what ships, sorted by name.
type Catalog struct {
	Fleets []topology.Fleet
	Drills []Shipped
	// Comparisons are drills on several fleets.
	Comparisons []Comparison
}

// Shipped is a drill that ships, and the fleet it is written for.
type Shipped struct {
	Plan  runbook.Plan
	Fleet topology.Fleet
}

// List loads everything that ships, once: it does not change while the program runs, and going
// through every drill's steps takes some milliseconds. What it returns is not to be changed.
func List() (Catalog, error) { return listed() }

var listed = sync.OnceValues(loadAll)

func loadAll() (Catalog, error) {
	var c Catalog
	for _, name := range fleets.Names() {
		f, err := LoadFleet(name)
		if err != nil {
			return c, err
		}
		c.Fleets = append(c.Fleets, f)
	}
	for _, name := range drills.Names() {
		plan, fleet, err := LoadDrill(name)
		if err != nil {
			return c, err
		}
		c.Drills = append(c.Drills, Shipped{Plan: plan, Fleet: fleet})
	}
	for _, name := range comparisons.Names() {
		held, err := LoadComparison(name)
		if err != nil {
			return c, err
		}
		c.Comparisons = append(c.Comparisons, held)
	}
	return c, nil
}

// Names is the names of the fleets and of the drills that ship, in the order of the alphabet.
func Names() (fleetNames, drillNames []string) { return fleets.Names(), drills.Names() }

// Comparisons is the names of the comparisons that ship, in the order of the alphabet.
func Comparisons() []string { return comparisons.Names() }

// The sorts of files that are read here.
var (
	fleets      = catalog.Sort{Noun: "fleet", Files: kindconfigs.Fleets, Dir: "fleets"}
	drills      = catalog.Sort{Noun: "drill", Files: kindconfigs.Drills, Dir: "drills"}
	comparisons = catalog.Sort{Noun: "comparison", Files: kindconfigs.Comparisons, Dir: "comparisons"}
)

// open finds and parses a file. A relative path starts at dir.
func open(name string, from catalog.Sort, dir string) (*source, error) {
	found, err := from.Find(name, dir)
	if err != nil {
		return nil, err
	}
	src := parse(found.Name, found.Data)
	src.ships = found.Ships
	return src, nil
}
