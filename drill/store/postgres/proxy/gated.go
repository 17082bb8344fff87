package proxy

import (
	"net"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// gated is a stream from an authority, of which nothing is taken while the own disk is full.
type gated struct {
	net.Conn
	gate *replica.Gate
	once sync.Once
	over chan struct{} // closed with the connection
}

// Read waits until there is room for what came.
func (g *gated) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	if closed := g.gate.Room(g.over); closed != nil {
		return 0, closed
	}
	return n, err
}

// Close lets a read go that waits.
func (g *gated) Close() error {
	g.once.Do(func() { close(g.over) })
	return g.Conn.Close()
}

// Gated has a stream from an authority wait while the own disk is full.
func Gated(conn net.Conn, gate *replica.Gate) net.Conn {
	return &gated{Conn: conn, gate: gate, over: make(chan struct{})}
}
