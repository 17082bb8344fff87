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
