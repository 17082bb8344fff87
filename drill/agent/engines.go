package agent

import (
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/log"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres"
)

// Replica is what a store engine opens: a replica that can be followed.
type Replica interface {
	store.Replica
	store.Source
}

// Opening is what an engine has to know of the replica to open.
type Opening struct {
	Dir      string // its folder, nobody else's
	Dataset  string
	Region   string
	Run      string // of this process
	Upstream store.Upstream
	Clock    func() time.Duration
	Logger   *slog.Logger
	// Password is the fleet's, the same in every region, for an engine that asks
	// who connects; PostgresBin is the folder of PostgreSQL's programs, "" finds them.
	Password    string
	PostgresBin string
}

// Engines are the store engines by the name that a fleet file uses.
type Engines map[string]func(Opening) (Replica, error)

// engineRequest bounds what the log engine asks of its authority; before that its upstream
// gives up, by the distance between the two.
const engineRequest = 30 * time.Second

// DefaultEngines are the engines that are built in.
func DefaultEngines() Engines {
	return Engines{
		store.EngineLog: func(o Opening) (Replica, error) {
			return log.Open(log.Config{
				Dir: o.Dir, Dataset: o.Dataset, Region: o.Region, Run: o.Run,
				Upstream: o.Upstream, Clock: o.Clock, Logger: o.Logger, Request: engineRequest,
			})
		},
		store.EnginePostgres: func(o Opening) (Replica, error) {
			return postgres.Open(postgres.Config{
				Dir: o.Dir, Dataset: o.Dataset, Region: o.Region, Run: o.Run,
				Password: o.Password, Bin: o.PostgresBin,
				Upstream: o.Upstream, Clock: o.Clock, Logger: o.Logger,
			})
		},
	}
}
