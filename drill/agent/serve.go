package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Limits of the servers.
const (
	readHeaderTimeout = 5 * time.Second
	// idleTimeout is above that of the wire's transport, so that who asks closes an
	// idle connection first and never sends a request into one that is being closed.
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	// unusedGrace is how long a stop waits for the first request of a connection.
	// One that was opened to be used comes with its request at once.
	unusedGrace = 50 * time.Millisecond
)

// serveFront answers on the gateway's port: users in plain HTTP, and the fleet's own workloads over mutual TLS where it has
// identities.
func (a *Agent) serveFront(l net.Listener, handler http.Handler) {
	if a.front == nil {
		a.serve(l, handler)
		return
	}
	plain, secured := a.front.Split(l)
	handler = a.front.Handler(handler)
	a.serve(plain, handler)
	a.serve(secured, handler)
}

// serve answers on the listener until the agent stops.
func (a *Agent) serve(l net.Listener, handler http.Handler) {
	unused := unusedConns{open: map[net.Conn]struct{}{}}
	server := &http.Server{
		Handler:           endStreams(a.leaving, handler),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(a.cfg.Logger.Handler(), slog.LevelWarn),
		ConnState:         unused.track,
	}
	a.stops = append(a.stops, func(ctx context.Context) error {
		defer time.AfterFunc(unusedGrace, unused.close).Stop()
		if err := server.Shutdown(ctx); err != nil {
			return fmt.Errorf("finish what %s serves: %w", l.Addr(), err)
		}
		return nil
	})
	a.closes = append(a.closes, func() { _ = server.Close() }) // after Shutdown only what it left behind
	a.serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			select {
			case a.failed <- fmt.Errorf("serve region %s on %s: %w", a.cfg.Region, l.Addr(), err):
			default: // one such error ends the agent
			}
		}
	})
}

// unusedConns are a server's connections that have brought no request yet.
// net/http's transport opens one more than it needs whenever a kept one becomes
// free meanwhile, and http.Server.Shutdown waits five seconds for those.
type unusedConns struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

func (u *unusedConns) track(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state == http.StateNew {
		u.open[c] = struct{}{}
	} else {
		delete(u.open, c)
	}
}

func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.open {
		_ = c.Close() // nothing was asked on it
	}
}

// endStreams ends the streams and tunnels among next's requests when leaving does. They
// would end by themselves only with the connection, and a graceful stop waits
// for every other request.
func endStreams(leaving context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if verb := path.Base(r.URL.Path); verb == wire.StoreStream || verb == wire.StoreTunnel {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(leaving, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
