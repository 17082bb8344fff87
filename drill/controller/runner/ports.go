package runner

import (
	"context"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Bus is where events go, and what they have come to. A function given to View only
// reads.
type Bus interface {
	Emit(drill.Body) drill.Event
	View(func(*drill.State))
}

// IDs numbers moves, over all datasets.
type IDs interface {
	Failover() int
	Move() int
}

// Client reaches the replicas of a region through its agent. Timeouts are the caller's.
type Client interface {
	StoreStatus(ctx context.Context, dataset string) (store.Status, error)
	Promote(ctx context.Context, dataset string, epoch uint64) (store.Status, error)
	Grant(ctx context.Context, dataset string, epoch uint64, echo store.Clock, lease time.Duration) (store.Status, error)
	Fence(ctx context.Context, dataset string, epoch uint64) (store.Status, error)
	Follow(ctx context.Context, dataset, authority string, epoch uint64) (store.Status, error)
	Preload(ctx context.Context, dataset string, bytes int64, lead bool) (store.Status, error)
	Copy(ctx context.Context, dataset, how string) (store.Status, error)
	Audit(ctx context.Context, dataset string, after uint64, visit func(store.Entry) error) error
	Diverged(ctx context.Context, dataset string, visit func(store.Entry) error) error
}

// Ledger is what the clients know of their writes.
type Ledger interface {
	Check(ctx context.Context, dataset, region, why string, failover int, audit ledger.Audit) (drill.LedgerChecked, error)
	Acknowledged(dataset string, epoch uint64, sentFrom time.Duration) []ledger.Write
}

// Topology is what regions are told of who leads what; a *Watch is one.
type Topology interface {
	Place(d topology.Dataset, authority string, epoch uint64)
	// PushFor hands a region the topology of now, and fails where the dataset did not get
	// its place.
	PushFor(ctx context.Context, region, dataset string) error
	// PushAll hands it to every region, as far as they answer.
	PushAll(ctx context.Context)
}

// Config is what a controller is made of.
type Config struct {
	Fleet   topology.Fleet
	Dataset topology.Dataset
	// StepLimit bounds one step of a move, by the dataset's engine: what a disk may take,
	// or a server that has to be made and started.
	StepLimit time.Duration
	// Exports is the folder that diverged writes are brought to; "" leaves them where the
	// region exported them. It is made when it is needed.
	Exports string

	Clock    Clock
	Bus      Bus
	IDs      IDs
	Ledger   Ledger
	Topology Topology
	Client   func(region string) Client
	Log      *slog.Logger
}
