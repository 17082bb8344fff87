//go:build unix

package agent

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// What a user's request costs in processor time, on both sides: it is the same on a busy
// machine, which its duration is not.
func BenchmarkUsersRead(b *testing.B)  { benchmarkUser(b, false) }
func BenchmarkUsersWrite(b *testing.B) { benchmarkUser(b, true) }

func benchmarkUser(b *testing.B, writes bool) {
	l := newLab(b, nil, "us-east")
	l.lead("us-east", 1)
	client := l.regions["us-east"].client
	if _, err := client.Write(b.Context(), orders, store.Write{ID: "w", Payload: make([]byte, 256)}); err != nil {
		b.Fatal(err)
	}
	began := processorTime(b)
	for i := 0; b.Loop(); i++ {
		if writes {
			if _, err := client.Write(b.Context(), orders, store.Write{ID: fmt.Sprintf("w-%d-%d", b.N, i), Payload: make([]byte, 256)}); err != nil {
				b.Fatal(err)
			}
			continue
		}
		if _, err := client.Read(b.Context(), orders, "w", ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processorTime(b)-began).Microseconds())/float64(b.N), "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
