package log

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// BenchmarkAppend is acknowledged writes of 256 bytes, each on disk, by writers
// who each wait for their last one.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			r := newFleet(b, nil, "east").at("east")
			lead(b, r, 1)
			payload := make([]byte, 256)
			before := commits(r)
			b.SetBytes(int64(len(payload)))
			b.ResetTimer()
			var next atomic.Int64
			var wg sync.WaitGroup
			for range writers {
				wg.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						if _, err := r.Append(context.Background(), store.Write{ID: fmt.Sprintf("run-%d", i), Payload: payload}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
			b.ReportMetric(float64(b.N)/float64(commits(r)-before), "writes/commit")
		})
	}
}

// BenchmarkFollow is a follower that catches up in memory, so that only its disk
// and the size of a batch count.
func BenchmarkFollow(b *testing.B) {
	const weight = 64 << 20
	for _, kib := range []int{64, 256, 1024} {
		b.Run(fmt.Sprintf("batch=%dKiB", kib), func(b *testing.B) {
			b.SetBytes(weight)
			for range b.N {
				b.StopTimer()
				f := newFleet(b, func(c *Config) { c.BatchBytes = kib << 10 }, "east", "west")
				if err := f.at("east").Preload(context.Background(), weight, true); err != nil {
					b.Fatal(err)
				}
				lead(b, f.at("east"), 2)
				b.StartTimer()
				if err := f.at("west").Follow(context.Background(), "east", 2); err != nil {
					b.Fatal(err)
				}
				until(b, "all is copied", func() bool { return status(b, f.at("west")).Bytes == weight })
			}
		})
	}
}
