package postgres

import (
	"errors"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Config is what a replica is opened with. Dir, Dataset, Region, Run and Password
// are required; everything else has a default.
type Config struct {
	// Dir holds the replica's files, and nothing else's: state.json, diverged/ and
	// pg/, which belongs to the user that the server runs as. It is made if it is not there.
	Dir     string
	Dataset string
	Region  string
	// Run is the random id of this run of the process: it distinguishes the
	// clock readings of this run from those of another.
	Run string
	// Password is that of the role fleetdrill, the same in every region of the fleet.
	Password string
	// Bin is the folder of PostgreSQL's programs; "" looks on the PATH and in the usual places.
	Bin string

	// Upstream reaches the authority; to follow, it must be a store.Dialer too.
	Upstream store.Upstream
	// Clock is monotonic time since any origin, and goes on while the process is
	// frozen. The default is Go's monotonic clock since Open.
	Clock func() time.Duration
	// Logger gets what an operator may want to read later. The default discards.
	Logger *slog.Logger

	// Start is how long a server may take from its start until it takes
	// connections, a crash's recovery included. Default 60 s, as pg_ctl has it.
	Start time.Duration
	// Stop is how long each step of a stop may take: fast, then immediate. Default 10 s.
	Stop time.Duration
	// Stall is how long a standby may be without a stream before its history is
	// held against the authority's anew, beside the round trip. Default 2 s.
	Stall time.Duration
	// Retry is the pause before a following that failed is taken up again. Default 200 ms.
	Retry time.Duration
	// Ask is the time limit of one question to a server. Default 2 s.
	Ask time.Duration
}

// MaxID and MaxPayload are the largest write that is taken, in bytes: as in the
// log engine, so that a dataset's engine can be changed.
const (
	MaxID      = 512
	MaxPayload = 1 << 20
)

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" || c.Dataset == "" || c.Region == "" || c.Run == "" || c.Password == "" {
		return c, errors.New("open postgres: Dir, Dataset, Region, Run and Password must all be given")
	}
	if c.Clock == nil {
		origin := time.Now()
		c.Clock = func() time.Duration { return time.Since(origin) }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = c.Logger.With("dataset", c.Dataset, "region", c.Region)
	for _, d := range []struct {
		at       *time.Duration
		standard time.Duration
	}{
		{&c.Start, time.Minute},
		{&c.Stop, 10 * time.Second},
		{&c.Stall, 2 * time.Second},
		{&c.Retry, 200 * time.Millisecond},
		{&c.Ask, 2 * time.Second},
	} {
		if *d.at <= 0 {
			*d.at = d.standard
		}
	}
	return c, nil
}
