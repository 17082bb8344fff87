package agent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A follower catches up over a link that takes seconds for one batch, and whose
// first answer takes a second: what arrives in pieces is not silence.
func TestLogCatchesUpOverASlowLink(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short was asked for; it waits ten seconds for a slow link")
	}
	t.Parallel() // it waits for the link, and needs no processor
	l := newLab(t, func(c *Config) { c.Engines = DefaultEngines() }, "us-east", "eu-west")
	l.data.Engine = "log"
	l.push("us-east", 1)
	us, eu := l.regions["us-east"], l.regions["eu-west"]
	must(t, func(ctx context.Context) error {
		st, err := us.client.Promote(ctx, orders, 1)
		if err == nil {
			_, err = us.client.Grant(ctx, orders, 1, st.Clock, time.Hour)
		}
		return err
	})
	var backlog int64
	for i, size := range []int{700 << 10, 700 << 10, 300 << 10, 300 << 10, 48 << 10} {
		payload := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{byte(i)}).Read(payload)
		must(t, func(ctx context.Context) error {
			_, err := us.client.Append(ctx, orders, 1, store.Write{ID: fmt.Sprint(i), Payload: payload})
			return err
		})
		backlog += int64(size)
	}

	slow := newRelay(t, us.agent.Addr())
	slow.link.Reshape(link.Both, link.Shape{RTT: 500 * time.Millisecond, Bandwidth: 2_000_000})
	top := l.topology("eu-west", "us-east", 1)
	top.Peers["us-east"] = slow.url()
	must(t, func(ctx context.Context) error {
		if _, err := eu.client.PutTopology(ctx, top); err != nil {
			return err
		}
		_, err := eu.client.Follow(ctx, orders, "us-east", 1)
		return err
	})
	wait(t, "the backlog to drain", func() bool {
		time.Sleep(50 * time.Millisecond) // so as to leave the processor to the link
		st, err := eu.client.StoreStatus(t.Context(), orders)
		return err == nil && st.Bytes == backlog
	})
	// Nothing was sent twice.
	if _, back := slow.Bytes(); back > uint64(backlog)*11/10 {
		t.Errorf("the link carried %d bytes for a backlog of %d", back, backlog)
	}
}

// limited is an answer that notes how much is written under one time limit.
type limited struct {
	header       http.Header
	under, worst int
}

func (l *limited) Header() http.Header { return l.header }
func (l *limited) WriteHeader(int)     {}
func (l *limited) Write(b []byte) (int, error) {
	l.under += len(b)
	l.worst = max(l.worst, l.under)
	return len(b), nil
}

func (l *limited) SetWriteDeadline(time.Time) error {
	l.under = 0
	return nil
}

// The largest frame goes in pieces, each with the whole limit for itself.
func TestLargeFramesGoInPieces(t *testing.T) {
	w := &limited{header: http.Header{}}
	s := &stores{region: "us-east"}
	b := make([]byte, 1<<20+1)
	if n, err := s.begin(w, "x").Write(b); n != len(b) || err != nil {
		t.Errorf("wrote %d of %d, %v", n, len(b), err)
	}
	if w.worst > pieceBytes {
		t.Errorf("%d bytes had to go within one limit, at most %d should", w.worst, pieceBytes)
	}
}
