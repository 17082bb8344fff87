package log

import (
	"errors"
	"log/slog"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Config is what a replica is opened with. Dir, Dataset, Region and Run are
// required; everything else has a default.
type Config struct {
	// Dir holds the replica's files, and nothing else's: log.db and diverged/.
	// It is made if it is not there.
	Dir     string
	Dataset string
	Region  string
	// Run is the random id of this run of the process: it distinguishes the
	// clock readings of this run from those of another.
	Run string

	// Upstream reaches the authority, and gives a stream up that is silent. Without
	// one the replica can't follow.
	Upstream store.Upstream
	// Clock is monotonic time since any origin, and goes on while the process is
	// frozen. The default is Go's monotonic clock since Open.
	Clock func() time.Duration
	// Logger gets what an operator may want to read later. The default discards.
	Logger *slog.Logger

	// Heartbeat is how often an idle stream sends an empty batch. Default 100 ms.
	Heartbeat time.Duration
	// Request is the time limit of one question to the authority. Default 2 s,
	// several of the longest round trips on Earth.
	Request time.Duration
	// RetryMin and RetryMax bound the pause before a lost stream is taken up
	// again; it doubles from one to the other while nothing is heard. Defaults
	// 50 ms and 1 s: a healed link is noticed within a second.
	RetryMin, RetryMax time.Duration
	// Report is how often a follower repeats its position when nothing new has
	// come, so that an authority that restarted learns it. Default 1 s.
	Report time.Duration
	// Gather is how long a follower that has caught up lets entries come together before it
	// stores the next, where no write waits for it. Default 10 ms, an eighth of a round trip across
	// the Atlantic: at 100 writes a second it halves what following costs.
	Gather time.Duration
	// RetryDisk is how often a disk that refused a write is tried again when nobody
	// writes. Default 1 s.
	RetryDisk time.Duration
	// BatchBytes is the most that one batch of a stream carries, in bytes of ids
	// and payloads; a single larger entry goes alone. Default 256 KiB: of a stream that
	// breaks off no more than that is sent twice, which on a link of 1 Mbit/s is 2 s,
	// and one fsync for so much is cheap beside it on a fast one.
	BatchBytes int
}

// MaxID and MaxPayload are the largest write that is taken, in bytes. An entry of
// that size still travels alone within a frame of a little over 1 MiB.
const (
	MaxID      = 512
	MaxPayload = 1 << 20
)

// maxBatch is the most entries that one batch of a stream, or one transaction
// of appends, carries, however small they are.
const maxBatch = 4096

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" || c.Dataset == "" || c.Region == "" || c.Run == "" {
		return c, errors.New("open log: Dir, Dataset, Region and Run must all be given")
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
		{&c.Heartbeat, 100 * time.Millisecond},
		{&c.Request, 2 * time.Second},
		{&c.RetryMin, 50 * time.Millisecond},
		{&c.RetryMax, time.Second},
		{&c.Report, time.Second},
		{&c.Gather, 10 * time.Millisecond},
		{&c.RetryDisk, time.Second},
	} {
		if *d.at <= 0 {
			*d.at = d.standard
		}
	}
	if c.BatchBytes <= 0 {
		c.BatchBytes = 256 << 10
	}
	return c, nil
}
