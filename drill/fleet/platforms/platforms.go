// Package platforms is the one list of what a fleet can run on. Who chooses a platform,
// offers one or looks whether it can be had loops over All, or takes a name that Find
// knows: nobody else writes a platform's name.
package platforms

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Options is what a fleet is made of, whatever it runs on; a platform takes what it
// needs. The zero value of a setting is the platform's own default.
type Options struct {
	Fleet    topology.Fleet
	StateDir string
	// Agent is the program that regions run, for AgentSystem; needed for Up only.
	Agent string
	// Build is what the agent must answer as its build; "" takes any.
	Build string
	// NodeImage and PostgresImage are images by name, for platforms of containers.
	NodeImage, PostgresImage string
	// Stay makes a fleet that is to outlive this program, and any that joins it later.
	Stay bool

	Report fleet.Report
	Logger *slog.Logger
}

// DefaultPostgresImage is the PostgresImage of platforms of containers.
var DefaultPostgresImage = image.DefaultPostgres

// Entry is one platform.
type Entry struct {
	Name string // "kind": what --on takes and what records and journals have
	Help string // one line: what its regions are
	// Outlives reports whether every fleet can outlive this program: then it can be kept,
	// and joined by a later one. Elsewhere only one can that was made to (Options.Stay).
	Outlives bool
	// AgentSystem is the operating system, as Go names it, of the program that regions run.
	AgentSystem string
	// New makes a fleet that is not up yet.
	New func(Options) (fleet.Platform, error)
	// Find looks whether a fleet can run here and returns what would run it ("docker
	// 28.5"). It may take seconds. The error says what is missing.
	Find func(context.Context) (with string, err error)
	// Needs is about what a fleet of so many regions takes here: bytes of memory, and
	// time to come up. 0 is little enough not to say.
	Needs func(regions int) (memory int64, bringUp time.Duration)
	// Doctor looks at what a fleet of so many regions needs that other platforms do not.
	Doctor func(ctx context.Context, regions int, stateDir string) []host.Finding
}

// All is every platform, the best first: what runs real clusters comes before what
// only stands in for them.
var All = []Entry{
	{
		Name: kindfleet.On, Help: "real clusters", Outlives: true, AgentSystem: "linux",
		New: func(o Options) (fleet.Platform, error) {
			return kindfleet.New(kindfleet.Config{
				Fleet: o.Fleet, StateDir: o.StateDir, AgentBinary: o.Agent, Build: o.Build, NodeImage: o.NodeImage, PostgresImage: o.PostgresImage, Stay: o.Stay,
				Report: o.Report, Logger: o.Logger,
			})
		},
		Find: func(ctx context.Context) (string, error) {
			e, err := host.Detect(ctx)
			if err != nil {
				return "", err
			}
			return e.Name + " " + e.Version, nil
		},
		Needs: func(regions int) (int64, time.Duration) {
			return int64(regions) * host.RegionMemory, host.BringUp(regions)
		},
		Doctor: func(ctx context.Context, regions int, stateDir string) []host.Finding {
			return host.DiagnoseClusters(ctx, kindfleet.On, regions, stateDir)
		},
	},
	{
		Name: localfleet.On, Help: "child processes", AgentSystem: runtime.GOOS,
		New: func(o Options) (fleet.Platform, error) {
			return localfleet.New(localfleet.Config{Fleet: o.Fleet, StateDir: o.StateDir, Binary: o.Agent, Build: o.Build, Stay: o.Stay, Report: o.Report, Logger: o.Logger})
		},
		Find:   func(context.Context) (string, error) { return "", nil },
		Needs:  func(int) (int64, time.Duration) { return 0, 0 },
		Doctor: func(context.Context, int, string) []host.Finding { return nil },
	},
}

// Names is the names of all platforms, in the list's order.
func Names() []string {
	names := make([]string, len(All))
	for i, e := range All {
		names[i] = e.Name
	}
	return names
}

// Find finds a platform by its name.
func Find(name string) (Entry, error) {
	for _, e := range All {
		if e.Name == name {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("%q is no platform; a fleet runs on %s", name, strings.Join(Names(), " or "))
}

// Best is the first platform on the list that a fleet can run on here. It may take
// seconds; the error is the context's.
func Best(ctx context.Context) (Entry, error) {
	var failed error
	for _, e := range All {
		_, err := e.Find(ctx)
		if ctx.Err() != nil {
			return Entry{}, ctx.Err()
		}
		if err == nil {
			return e, nil
		}
		failed = err
	}
	return Entry{}, failed
}

// Diagnose looks at all that a fleet of so many regions needs, on any platform.
func Diagnose(ctx context.Context, regions int, stateDir string) []host.Finding {
	var all []host.Finding
	for _, e := range All {
		all = append(all, e.Doctor(ctx, regions, stateDir)...)
	}
	return slices.Concat(all, image.LookForBalancer(ctx), host.Diagnose(stateDir))
}
