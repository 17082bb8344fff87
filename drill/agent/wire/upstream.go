package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Time limits of an Upstream.
const (
	// DefaultIdleTimeout is when a stream on which nothing arrives is given up: twenty
	// heartbeats of the log engine (100 ms), more than any link's round trip and a
	// pause of the processor, so only a cut link or a stopped region reaches it.
	DefaultIdleTimeout = 2 * time.Second
	// DefaultAsk is the limit of a short question to an authority.
	DefaultAsk = 2 * time.Second
)

// ErrIdle: a stream was open and nothing arrived on it for the time limit.
var ErrIdle = errors.New("stream is silent")

// UpstreamConfig says through which gateway other regions are reached.
type UpstreamConfig struct {
	Gateway     string // base URL of the own region's gateway
	Region      string // the own region
	Token       string
	HTTP        *http.Client  // nil makes one over NewTransport
	IdleTimeout time.Duration // 0 is DefaultIdleTimeout
	Ask         time.Duration // 0 is DefaultAsk
	// RTT is the round trip to a region, which comes on top of both limits; nil knows of none.
	RTT func(region string) time.Duration
}

// RoundTrips is how many round trips of a link come on top of a limit of time: a connection's
// beginning, the request, and one that was under way.
const RoundTrips = 3

// way is what the distance to a region adds to a limit of time.
func (u *Upstream) way(region string) time.Duration { return RoundTrips * u.cfg.RTT(region) }

// Upstream reaches authorities by way of the own region's gateway, and so
// through the links. It implements store.Upstream.
type Upstream struct{ cfg UpstreamConfig }

var _ store.Upstream = (*Upstream)(nil)

// NewUpstream makes an upstream. It sends nothing yet.
func NewUpstream(cfg UpstreamConfig) *Upstream {
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Transport: NewTransport()}
	}
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = DefaultIdleTimeout
	}
	if cfg.Ask == 0 {
		cfg.Ask = DefaultAsk
	}
	if cfg.RTT == nil {
		cfg.RTT = func(string) time.Duration { return 0 }
	}
	return &Upstream{cfg: cfg}
}

// to is a client of the authority's region by way of the own gateway. The
// client refuses answers of any other region than the named one.
func (u *Upstream) to(authority string) *Client {
	base := u.cfg.Gateway + PathPeers + url.PathEscape(authority)
	return NewClient(ClientConfig{Base: base, Region: authority, Via: u.cfg.Region, Token: u.cfg.Token, HTTP: u.cfg.HTTP})
}

// EpochEnd asks where an epoch ended on the authority.
func (u *Upstream) EpochEnd(ctx context.Context, authority, dataset string, leader, epoch uint64) (store.EpochEnd, error) {
	ctx, cancel := context.WithTimeout(ctx, u.cfg.Ask+u.way(authority))
	defer cancel()
	var end store.EpochEnd
	err := u.to(authority).call(ctx, request{
		method: http.MethodGet, path: verb(dataset, StoreEpochEnd),
		query: url.Values{"leader": {number(leader)}, "epoch": {number(epoch)}},
	}, &end)
	if err != nil {
		return store.EpochEnd{}, fmt.Errorf("ask %s where epoch %d of %s ended: %w", authority, epoch, dataset, err)
	}
	return end, nil
}

// Stored reports the last position stored here.
func (u *Upstream) Stored(ctx context.Context, authority, dataset string, leader uint64, region string, position uint64) error {
	ctx, cancel := context.WithTimeout(ctx, u.cfg.Ask+u.way(authority))
	defer cancel()
	err := u.to(authority).call(ctx, request{
		method: http.MethodPost, path: verb(dataset, StoreStored), replay: true,
		body: StoredReport{Leader: leader, Region: region, Position: position},
	}, nil)
	if err != nil {
		return fmt.Errorf("report position %d of %s to %s: %w", position, dataset, authority, err)
	}
	return nil
}

// Stream copies from the authority until ctx ends, which is no error, or the
// stream does, which is one: the authority's own, ErrIdle, or a broken
// connection. An error of each ends it and is returned as it is.
func (u *Upstream) Stream(ctx context.Context, authority, dataset string, leader, after uint64, each func(store.Batch) error) error {
	live, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(u.cfg.IdleTimeout+u.way(authority), func() { cancel(ErrIdle) })
	defer watch.Stop()

	mine, err := u.stream(live, watch, authority, dataset, leader, after, each)
	switch {
	case ctx.Err() != nil:
		return nil
	case mine:
		return err
	case errors.Is(context.Cause(live), ErrIdle):
		return fmt.Errorf("copy %s from %s: nothing heard for %s: %w", dataset, authority, u.cfg.IdleTimeout, ErrIdle)
	}
	return fmt.Errorf("copy %s from %s: %w", dataset, authority, err)
}

// stream reads one connection's batches. mine says that the error is each's.
func (u *Upstream) stream(ctx context.Context, watch *time.Timer, authority, dataset string, leader, after uint64, each func(store.Batch) error) (mine bool, err error) {
	res, err := u.to(authority).send(ctx, request{
		method: http.MethodGet, path: verb(dataset, StoreStream),
		query: url.Values{"leader": {number(leader)}, "after": {number(after)}},
	})
	if err != nil {
		return false, err
	}
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Content-Type"); got != ContentFrames {
		return false, fmt.Errorf("answer is %q, not frames: %w", got, ErrFrame)
	}
	frames := NewFrameReader(&watched{r: res.Body, watch: watch, limit: u.cfg.IdleTimeout})
	watch.Stop()
	for {
		batch, err := frames.Next()
		if err != nil {
			return false, err
		}
		// What came while the one before was stored goes to disk together.
		for frames.ready() && err == nil {
			var more store.Batch
			if more, err = frames.Next(); err == nil {
				batch.Entries, batch.Position = append(batch.Entries, more.Entries...), more.Position
			}
		}
		if failed := each(batch); failed != nil {
			return true, failed
		}
		if err != nil {
			return false, err
		}
	}
}

// readBytes is the most of a stream that is read at once: an HTTP body in chunks goes on until it has filled what it was
// given, which on a narrow link outlasts any limit.
const readBytes = 16 << 10

// watched counts silence only while it waits to read, so that a slow disk on
// this side is not taken for a dead authority, and from each piece that arrives,
// so that a large frame may take its time on a narrow link.
type watched struct {
	r     io.Reader
	watch *time.Timer
	limit time.Duration
}

func (w *watched) Read(p []byte) (int, error) {
	w.watch.Reset(w.limit)
	defer w.watch.Stop()
	return w.r.Read(p[:min(len(p), readBytes)])
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
