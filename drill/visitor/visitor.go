// Package visitor lets people join a drill as users: an HTTP server on this machine's loopback, which hands each request on as
// one of a population's users would send it, says who answered, and counts what was asked apart from all else.
package visitor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/listen"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Request is what somebody asks as one of a population's users: a write, or the reading of one, where ID "" is the last that is
// known to be confirmed. Dataset is "" in a fleet that has none.
type Request struct {
	Population, Dataset, ID string
	Write                   bool
	Payload                 []byte
}

// Answer is what came of it. Region is where it was sent, "" where nobody said where to; Failure is "" where it was answered.
// Found says of a read that the write is there, Acked that it was known to be confirmed before.
type Answer struct {
	ID, Region, Failure string
	Took                time.Duration
	Authority           string // of a write, who confirmed it
	Found, Acked        bool
	Payload             []byte // of a read
}

// Config is what a server is made of.
type Config struct {
	Fleet topology.Fleet
	// Ask sends a request as one of a population's users. Its error says that nothing was sent.
	Ask func(context.Context, Request) (Answer, error)
	// Now is the engine's clock.
	Now func() time.Duration
}

// The limits of what comes from outside.
const (
	mostHeader = 16 << 10 // bytes of a request's head
	// MostBody is how many bytes a visitor may write at once: more than anybody types, less than a browser's file.
	MostBody = 64 << 10
	// headWithin is how long a head may take, bodyWithin the whole request, and idleWithin the wait for the next one.
	headWithin = 5 * time.Second
	bodyWithin = 10 * time.Second
	idleWithin = 15 * time.Second
	// takenWithin is how long the sender may take to read an answer: one that does not would keep its connection.
	takenWithin = 5 * time.Second
	// mostConns is how many connections are served at once, while others wait: more than load generators keep, and few enough that
	// visitors leave the fleet's own users descriptors.
	mostConns = 256
)

// Server answers visitors. Make it with Start, end it with Close.
type Server struct {
	cfg   Config
	url   string
	http  *http.Server
	leave context.CancelFunc // ends the requests that wait
	ended sync.WaitGroup
	tally *tally
}

// Start listens on a free port of the loopback alone.
func Start(cfg Config) (*Server, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open an address for visitors: %w", err)
	}
	staying, leave := context.WithCancel(context.Background())
	s := &Server{cfg: cfg, url: "http://" + listener.Addr().String(), leave: leave, tally: newTally(cfg.Fleet)}
	s.http = &http.Server{
		Handler:           s.handler(listener.Addr().(*net.TCPAddr).Port),
		ReadHeaderTimeout: headWithin, ReadTimeout: bodyWithin, IdleTimeout: idleWithin, MaxHeaderBytes: mostHeader,
		WriteTimeout: answeredWithin(cfg.Fleet),
		BaseContext:  func(net.Listener) context.Context { return staying },
	}
	s.ended.Go(func() { _ = s.http.Serve(listen.Bounded(listener, mostConns)) }) // it ends with Close, for which it says so
	return s, nil
}

// answeredWithin is how long it may be from a request's head until its answer is taken: its body comes, its user waits, and the
// sender reads.
func answeredWithin(f topology.Fleet) time.Duration {
	var waits time.Duration
	for _, p := range f.Users {
		waits = max(waits, p.Timeout)
	}
	return bodyWithin + waits + takenWithin
}

// URL is where visitors ask: "http://127.0.0.1:41234".
func (s *Server) URL() string { return s.url }

// Close ends what waits and closes the port. It returns once nobody is answered any more, or ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.leave()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.ended.Wait()
	return err
}
