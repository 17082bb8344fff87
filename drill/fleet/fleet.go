// Package fleet is what the engine needs of a fleet of regions, whatever they run on.
// Its implementations are kindfleet (kind clusters, each the failure domain of one or
// several regions) and localfleet (one child process a region); platforms lists them.
package fleet

import (
	"context"
	"errors"

	"github.com/fleetdrill/fleetdrill/drill"
)

// What a caller may have to tell apart.
var (
	// ErrNotOurs is returned instead of touching a cluster, container or process
	// that fleetdrill has no record of having made.
	ErrNotOurs = errors.New("not made by fleetdrill")
	// ErrExists is returned by Up when something of the name is there already.
	ErrExists = errors.New("exists already")
	// ErrLeft is in the error of an Up that failed on a fleet that it had joined: that one is
	// left as it is, and Down does nothing.
	ErrLeft = errors.New("left as it is")
	// ErrDown is returned where a region must run for what is asked, and does not.
	ErrDown = errors.New("region is down")
)

// Platform brings regions up and down and breaks them. Every method may be called
// from several goroutines at once, for different regions.
type Platform interface {
	// Up makes every region and returns once each one serves (a probe of its
	// gateway answered with the region's own name). What it will make is
	// recorded before it is made. If a fleet of ours by that name runs already it
	// is joined, and regions that are down are started. On error or a cancelled
	// context the caller calls Down, which takes nothing away that was there before
	// (ErrLeft).
	Up(ctx context.Context) error
	// Down removes all that is recorded for the fleet, and the record last. It may
	// be called at any time, also on a half-made fleet, and again.
	Down(ctx context.Context) error
	// Leave stops watching without touching the regions, and returns false where
	// they cannot outlive this process (a local fleet).
	Leave() bool

	// Address is where the region's gateway listens now, host:port as seen from
	// this process. It is asked anew for every connection, because a restarted
	// region may have moved.
	Address(ctx context.Context, region string) (string, error)
	// Relays is where relays must listen so that regions can reach them.
	Relays() RelayHost
	// Token is the fleet's secret, which agents ask for before they obey.
	Token() string

	// Can refuses an op that this platform can't do where it runs: the error is a
	// *Cannot and names what to do instead. It asks nobody and may be called at any time;
	// a platform that has to be up to know the answer allows the op until then.
	Can(op Op) error
	// Do does the op to a region and returns once it is proved. Kill, freeze and restore
	// act on all regions of its failure domain (topology.Fleet.Domain), and the proof covers
	// each of them: the caller calls Do once, for any one of them. The error is ErrDown
	// where the region must run for the op and does not, ErrCannot where Can refuses.
	Do(ctx context.Context, region string, op Op) (Proof, error)
	// Scale gives the region so many web replicas, 0 too, and returns once as many run: the proof is what was read back,
	// and that each of them is ready. A region that is restored or uncordoned later comes back with as many. The error is
	// ErrDown where the region must run and does not, ErrCannot where Can refuses OpScale.
	Scale(ctx context.Context, region string, replicas int) (Proof, error)
	// DoZone does the op, one of OpsOfZone, to a zone of a region, and leaves the region's others as they are: a kill or a
	// freeze is of all that runs in it, a restore is proved by each of that answering. Errors are as Do's.
	DoZone(ctx context.Context, zone string, op Op) (Proof, error)
}

// RelayHost is where relays listen, and the name by which regions dial them.
type RelayHost struct {
	Listen    string // an address without a port: "127.0.0.1", "172.18.0.1"
	Advertise string // a host name or address: "127.0.0.1", "host.docker.internal"
}

// Report takes events from a fleet: drill.StageEntered during Up and Down,
// drill.RegionSeen as nodes and pods change, drill.FleetCommanded for each
// command sent, drill.TaskFailed when a watch breaks. It does not block for
// long and may be called from any goroutine.
type Report func(drill.Body)
