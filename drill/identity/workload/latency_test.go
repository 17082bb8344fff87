package workload

import (
	"context"
	"net"
	"os"
	"slices"
	"testing"
	"time"
)

// What mutual TLS adds to a question and its answer over a connection that is kept, at the median: at most 0.3 ms. It is measured
// on a machine with nothing else to do: FLEETDRILL_BENCH=1 go test ./drill/identity/workload -run Measure -v
func TestMeasureWhatTrustAdds(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures (make bench)")
	}
	l := newLab(t, "us-east", "eu-west")
	us, eu := l.workload("us-east"), l.workload("eu-west")
	const asked, bytes = 4000, 512
	median := func(near, far net.Conn) time.Duration {
		go func() {
			b := make([]byte, bytes)
			for {
				n, err := far.Read(b)
				if err != nil {
					return
				}
				if _, err := far.Write(b[:n]); err != nil {
					return
				}
			}
		}()
		var took []time.Duration
		b := make([]byte, bytes)
		for range asked {
			began := time.Now()
			if _, err := near.Write(b); err != nil {
				t.Fatal(err)
			}
			for n := 0; n < bytes; {
				more, err := near.Read(b)
				if err != nil {
					t.Fatal(err)
				}
				n += more
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	plain := median(pipe(t))
	near, far := pipe(t)
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := eu.Accept(context.Background(), far)
		accepted <- conn
	}()
	calling, err := us.Call(t.Context(), near, eu.ID())
	must(t, err)
	secured := median(calling, <-accepted)
	t.Logf("plain %s, over mutual TLS %s, added %s at p50", plain, secured, secured-plain)
	if added := secured - plain; added > 300*time.Microsecond {
		t.Errorf("mutual TLS adds %s at p50", added)
	}
}
