package workload

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// counted counts what is written to a connection.
type counted struct {
	net.Conn
	bytes *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return c.Conn.Write(p)
}

// What predictions take a handshake's bytes for is what one really has, each way: signatures and names differ by a few.
func TestAHandshakesBytes(t *testing.T) {
	l := newLab(t, "us-east", "eu-west")
	us, eu := l.workload("us-east"), l.workload("eu-west")
	near, far := pipe(t)
	var calls, answers atomic.Int64
	accepted := make(chan error, 1)
	go func() {
		_, err := eu.Accept(context.Background(), counted{far, &answers})
		accepted <- err
	}()
	_, err := us.Call(t.Context(), counted{near, &calls}, eu.ID())
	must(t, err)
	must(t, <-accepted)
	for name, is := range map[string][2]int64{"who calls": {calls.Load(), identity.CallerBytes}, "who answers": {answers.Load(), identity.AnswererBytes}} {
		if is[0] < is[1]*9/10 || is[0] > is[1]*11/10 {
			t.Errorf("%s sends %d bytes, predictions take it for %d", name, is[0], is[1])
		}
	}
}
