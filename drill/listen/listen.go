// Package listen opens what others ask at: of a name server one port of UDP and TCP, and no more connections than a server is
// meant for.
package listen

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"golang.org/x/net/netutil"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// portTries is how often a free port of TCP is looked for that is free on UDP, too.
	portTries = 16
	// acceptPause is how long no connection is taken after that failed.
	acceptPause = 5 * time.Millisecond
	// TCPIdle ends a connection over which nothing is asked.
	TCPIdle = 8 * time.Second
	// TCPConns is how many connections are served at once; others wait. Resolvers ask over UDP, and a drill has a few
	// dozen populations and regions.
	TCPConns = 64
)

// Both opens a port of a host on UDP and TCP; 0 takes a free one. Of TCP at most 64 connections are served at once.
func Both(host string, port int) (net.PacketConn, net.Listener, error) {
	var failure error
	for range portTries {
		tcp, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return nil, nil, err
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err == nil {
			return udp, Bounded(tcp, TCPConns), nil
		}
		failure = errors.Join(err, tcp.Close())
		if port != 0 {
			break
		}
	}
	return nil, nil, failure
}

// Bounded serves at most so many connections of l at once, while others wait, and takes its time where there is no descriptor for
// one. Each has a descriptor and some memory of a process that has to send users' requests, too.
func Bounded(l net.Listener, most int) net.Listener { return netutil.LimitListener(patient{l}, most) }

// patient waits a little before it takes the next connection, where it got no descriptor for one: the server would ask
// again at once, for as long as that lasts, with a whole processor.
type patient struct{ net.Listener }

func (p patient) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		pause.For(context.Background(), acceptPause)
	}
	return conn, err
}
