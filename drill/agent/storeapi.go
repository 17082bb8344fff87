package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// stallTimeout is how long one piece of a stream or an audit may take to be
// taken. What lies between (gateways, a link) takes it at its own pace; a reader
// that is gone takes nothing. A piece is small, since a narrow link may take that
// long for a whole batch.
const (
	stallTimeout = 10 * time.Second
	pieceBytes   = 16 << 10
)

// verbHandler does one verb with one replica. What it returns is the answer.
type verbHandler func(w http.ResponseWriter, r *http.Request, replica Replica) (any, error)

// handler is the store's part of the API, below wire.PathStore.
func (s *stores) handler(g answer.Guard) http.Handler {
	mux := http.NewServeMux()
	verb := func(method, name string, do verbHandler) {
		mux.HandleFunc(method+" "+wire.PathStore+"{dataset}/"+name, func(w http.ResponseWriter, r *http.Request) {
			replica, err := s.replica(r.PathValue("dataset"))
			if err != nil {
				answer.Error(w, s.region, err)
				return
			}
			v, err := do(w, r, replica)
			answer.Result(w, s.region, v, err)
		})
	}
	verb("GET", wire.StoreStatus, func(_ http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
		return replica.Status(r.Context())
	})
	verb("GET", wire.StoreLookup, s.lookup)
	verb("POST", wire.StorePromote, command(func(ctx context.Context, replica Replica, q wire.EpochRequest) error {
		return replica.Promote(ctx, q.Epoch)
	}))
	verb("POST", wire.StoreGrant, command(func(ctx context.Context, replica Replica, q wire.GrantRequest) error {
		return replica.Grant(ctx, q.Epoch, q.Echo, q.Lease)
	}))
	verb("POST", wire.StoreFence, command(func(ctx context.Context, replica Replica, q wire.EpochRequest) error {
		return replica.Fence(ctx, q.Epoch)
	}))
	verb("POST", wire.StoreFollow, command(func(ctx context.Context, replica Replica, q wire.FollowRequest) error {
		if err := wire.CheckName("authority", q.Authority); err != nil {
			return err
		}
		return replica.Follow(ctx, q.Authority, q.Epoch)
	}))
	verb("POST", wire.StoreStored, stored)
	verb("POST", wire.StorePreload, command(func(ctx context.Context, replica Replica, q wire.PreloadRequest) error {
		preloader, ok := replica.(store.Preloader)
		switch {
		case !ok:
			return fmt.Errorf("this engine's replicas can't be loaded with a weight: %w", wire.ErrBad)
		case q.Bytes < 0:
			return fmt.Errorf("preload %d bytes: give 0 or more: %w", q.Bytes, wire.ErrBad)
		}
		return preloader.Preload(ctx, q.Bytes, q.Lead)
	}))
	verb("POST", wire.StoreReseed, func(_ http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
		preloader, ok := replica.(store.Preloader)
		if !ok {
			return nil, fmt.Errorf("this engine's replicas can't be copied anew: %w", wire.ErrBad)
		}
		if err := preloader.Reseed(r.Context()); err != nil {
			return nil, err
		}
		return replica.Status(r.Context())
	})
	verb("POST", wire.StoreSnapshot, snapshot)
	verb("GET", wire.StoreEpochEnd, epochEnd)
	verb("PUT", wire.StoreDisk, setDisk)
	mux.HandleFunc("POST "+wire.PathStore+"{dataset}/"+wire.StoreAppend, s.append)
	mux.HandleFunc("GET "+wire.PathStore+"{dataset}/"+wire.StoreStream, s.stream)
	mux.HandleFunc("GET "+wire.PathStore+"{dataset}/"+wire.StoreAudit, s.audit)
	mux.HandleFunc("GET "+wire.PathStore+"{dataset}/"+wire.StoreDiverged, s.diverged)
	mux.HandleFunc("GET "+wire.PathStore+"{dataset}/"+wire.StoreTunnel, s.tunnel)
	mux.HandleFunc("/", g.Unknown)
	return g.Own(mux)
}

// command decodes a verb's body, obeys it, and answers the replica's status after it.
func command[T any](do func(context.Context, Replica, T) error) verbHandler {
	return func(w http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
		var q T
		if err := answer.Decode(w, r, &q); err != nil {
			return nil, err
		}
		if err := do(r.Context(), replica, q); err != nil {
			return nil, err
		}
		return replica.Status(r.Context())
	}
}

// stored takes a follower's report, of which there are as many as writes: its answer says no more than that.
func stored(w http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
	var q wire.StoredReport
	if err := answer.Decode(w, r, &q); err != nil {
		return nil, err
	}
	if err := wire.CheckName("region", q.Region); err != nil {
		return nil, err
	}
	return struct{}{}, replica.Stored(r.Context(), q.Leader, q.Region, q.Position)
}

// snapshot has a replica that holds snapshots take one now.
func snapshot(_ http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
	snapshotter, ok := replica.(store.Snapshotter)
	if !ok {
		return nil, fmt.Errorf("this engine's replicas hold no snapshots: %w", wire.ErrBad)
	}
	if err := snapshotter.Snapshot(r.Context()); err != nil {
		return nil, err
	}
	return replica.Status(r.Context())
}

func epochEnd(_ http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
	leader, err := answer.Uint(r, "leader")
	if err != nil {
		return nil, err
	}
	epoch, err := answer.Uint(r, "epoch")
	if err != nil {
		return nil, err
	}
	return replica.EpochEnd(r.Context(), leader, epoch)
}

func (s *stores) append(w http.ResponseWriter, r *http.Request) {
	var epoch uint64
	if h := r.Header.Get(wire.HeaderEpoch); h != "" {
		n, err := strconv.ParseUint(h, 10, 64)
		if err != nil {
			answer.Error(w, s.region, fmt.Errorf("%s %.30q is no epoch: %w", wire.HeaderEpoch, h, wire.ErrBad))
			return
		}
		epoch = n
	}
	var in store.Write
	if err := answer.Decode(w, r, &in); err != nil {
		answer.Error(w, s.region, err)
		return
	}
	ctx, cancel, err := answer.Awaited(r, 0)
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	defer cancel()
	ack, err := s.Append(ctx, r.PathValue("dataset"), epoch, in)
	answer.Result(w, s.region, ack, err)
}

// stream sends batches to a follower until it goes away or the replica leads no more.
func (s *stores) stream(w http.ResponseWriter, r *http.Request) {
	replica, err := s.replica(r.PathValue("dataset"))
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	leader, err := answer.Uint(r, "leader")
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	after, err := answer.Uint(r, "after")
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	out := s.begin(w, wire.ContentFrames)
	defer out.done()
	frames := wire.NewFrameWriter(out)
	err = replica.Stream(r.Context(), leader, after, func(b store.Batch) error {
		if err := frames.Batch(b); err != nil {
			return err
		}
		return out.flush()
	})
	switch {
	case err == nil && !out.begun:
		answer.Error(w, s.region, fmt.Errorf("stream of %s ended before it began: %w", r.PathValue("dataset"), wire.ErrUpstream))
	case err == nil || r.Context().Err() != nil:
		// The follower sees a stream without an end, and takes it up again.
	case !out.begun:
		answer.Error(w, s.region, err)
	default:
		s.logger.Info("stream ended", "dataset", r.PathValue("dataset"), "error", err)
		_ = errors.Join(frames.End(wire.AsError(s.region, err)), out.flush()) // it may be the connection that failed
	}
}

// audit sends every entry of the replica.
func (s *stores) audit(w http.ResponseWriter, r *http.Request) {
	replica, err := s.replica(r.PathValue("dataset"))
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	after, err := answer.Uint(r, "after")
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	s.entries(w, "audit of "+r.PathValue("dataset"), func(each func(store.Entry) error) error {
		return replica.Audit(r.Context(), after, each)
	})
}

// diverged sends the entries that the replica cut last, out of the file that it
// exported them to.
func (s *stores) diverged(w http.ResponseWriter, r *http.Request) {
	replica, err := s.replica(r.PathValue("dataset"))
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	status, err := replica.Status(r.Context())
	if err == nil && status.Cut == nil {
		err = fmt.Errorf("%s in %s has cut nothing since it was opened: %w", r.PathValue("dataset"), s.region, wire.ErrBad)
	}
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	s.entries(w, "diverged writes of "+r.PathValue("dataset"), func(each func(store.Entry) error) error {
		return diverged.Read(status.Cut.Exported, each)
	})
}

// entries sends entries as lines, and the end only after all of them.
func (s *stores) entries(w http.ResponseWriter, what string, read func(each func(store.Entry) error) error) {
	out := s.begin(w, wire.ContentLines)
	defer out.done()
	buffered := bufio.NewWriterSize(out, 64<<10)
	lines := json.NewEncoder(buffered)
	var n uint64
	err := read(func(e store.Entry) error {
		n++
		return lines.Encode(e)
	})
	switch {
	case err == nil:
		err = lines.Encode(wire.AuditEnd{End: true, Entries: n})
	case !out.begun && buffered.Buffered() == 0:
		answer.Error(w, s.region, err)
		return
	default:
		err = errors.Join(err, lines.Encode(wire.AsError(s.region, err)))
	}
	if err = errors.Join(err, buffered.Flush()); err != nil {
		s.logger.Warn(what+" broke off", "entries", n, "error", err)
	}
}

// pieces is an answer in pieces, each with a time limit of its own. The headers
// go out with the first, so that what fails before it can still be refused.
type pieces struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	region  string
	content string
	begun   bool
}

var _ io.Writer = (*pieces)(nil)

func (s *stores) begin(w http.ResponseWriter, content string) *pieces {
	return &pieces{w: w, rc: http.NewResponseController(w), region: s.region, content: content}
}

func (p *pieces) Write(b []byte) (int, error) {
	if !p.begun {
		p.begun = true
		p.w.Header().Set(wire.HeaderRegion, p.region)
		p.w.Header().Set("Content-Type", p.content)
	}
	n := 0
	for n < len(b) {
		if err := p.rc.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil {
			return n, fmt.Errorf("limit the time of a piece: %w", err)
		}
		wrote, err := p.w.Write(b[n:min(n+pieceBytes, len(b))])
		n += wrote
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *pieces) flush() error { return p.rc.Flush() }

// done lifts the limit, for the next request of the connection. What is still
// buffered goes out under it; an error means that the connection is over anyway.
func (p *pieces) done() {
	if !p.begun {
		return
	}
	_ = p.rc.Flush()
	_ = p.rc.SetWriteDeadline(time.Time{})
}
