package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// tunnel turns the request's connection into one to the replica's own engine. It
// returns when that is over; until then the connection is the replica's.
func (s *stores) tunnel(w http.ResponseWriter, r *http.Request) {
	dataset := r.PathValue("dataset")
	replica, err := s.replica(dataset)
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	tunnelled, ok := replica.(store.Tunnelled)
	if !ok {
		answer.Error(w, s.region, fmt.Errorf("the engine of %s takes no connections of its own: %w", dataset, wire.ErrBad))
		return
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), wire.TunnelProtocol) {
		answer.Error(w, s.region, fmt.Errorf("%s wants the header Upgrade: %s: %w", r.URL.Path, wire.TunnelProtocol, wire.ErrBad))
		return
	}
	leader, err := answer.Uint(r, "leader")
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	first, err := wire.FirstOf(r.Header)
	if err != nil {
		answer.Error(w, s.region, err)
		return
	}
	if !s.enter() {
		answer.Error(w, s.region, fmt.Errorf("tunnel to %s in %s: %w", dataset, s.region, errStopping))
		return
	}
	defer s.working.Done()
	conn, err := s.hijack(w, first)
	if err != nil {
		s.logger.Warn("tunnel did not open", "dataset", dataset, "error", err)
		return
	}
	// The server forgets the connection, so a stop has to end it from here.
	ctx := r.Context()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s.logger.Debug("tunnel opened", "dataset", dataset)
	err = tunnelled.ServeConn(ctx, conn, leader)
	_ = conn.Close() // it is closed, unless the replica broke off
	if err != nil && ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
		s.logger.Info("tunnel ended", "dataset", dataset, "error", err)
	}
}

// enter counts a tunnel among what Close waits for; false once it closes.
func (s *stores) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.working.Add(1)
	return true
}

// hijack takes the connection over and answers that it did.
func (s *stores) hijack(w http.ResponseWriter, first []byte) (net.Conn, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		err = fmt.Errorf("take over the connection: %w", err)
		answer.Error(w, s.region, err)
		return nil, err
	}
	_, err = fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n%s: %s\r\n\r\n",
		wire.TunnelProtocol, wire.HeaderRegion, s.region)
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return nil, errors.Join(fmt.Errorf("answer the request for a tunnel: %w", err), conn.Close())
	}
	return wire.NewTunnel(conn, first, buffered.Reader), nil
}
