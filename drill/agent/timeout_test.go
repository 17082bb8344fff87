package agent

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A write may take as long as its user waits, whatever the agents' own limit is.
func TestAWriteIsAwaitedAsLongAsItsUserWaits(t *testing.T) {
	const own = 20 * time.Millisecond
	l := newLab(t, func(c *Config) { c.WriteTimeout = own }, "us-east", "eu-west")
	l.lead("us-east", 1)
	m := l.regions["us-east"].replica()
	m.arrived, m.gate = make(chan struct{}, 1), make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), ackWithin)
	defer cancel()
	written := make(chan error, 1)
	go func() {
		_, err := l.regions["eu-west"].client.Write(ctx, orders, store.Write{ID: "slow"})
		written <- err
	}()
	<-m.arrived
	select {
	case err := <-written:
		t.Fatalf("given up before it was stored: %v", err)
	case <-time.After(10 * own): // it is what may not happen in this time
	}
	close(m.gate)
	if err := <-written; err != nil {
		t.Errorf("a write that took longer than %s: %v", own, err)
	}
}

// Whose authority is silent gets an answer that says so before they have gone.
func TestASilentAuthorityIsNamedInTime(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	misplace(t, l, silent(t))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := l.regions["eu-west"].client.Write(ctx, orders, store.Write{ID: "w"})
	if !errors.Is(err, wire.ErrUpstream) || status(t, err) != http.StatusGatewayTimeout {
		t.Errorf("%v: want an answer that names what is silent", err)
	}
}

func TestATimeoutThatIsNone(t *testing.T) {
	l := newLab(t, nil, "us-east")
	l.lead("us-east", 1)
	for _, said := range []string{"soon", "0", "-5", "99999999999999"} {
		res := get(t, "GET", l.regions["us-east"].url()+"/app/orders/w", http.Header{wire.HeaderToken: {testToken}, wire.HeaderTimeout: {said}})
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: status %d, want 400", said, res.StatusCode)
		}
	}
}
