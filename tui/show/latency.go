package show

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Slowest is the slowest hundredth of n requests, or, where they are too few to have
// one, the longest: in full with how many they are, and without that.
func Slowest(p99, longest *time.Duration, n int) (full, short string) {
	switch {
	case p99 != nil:
		return format.Span(*p99), format.Span(*p99)
	case longest != nil:
		short = "max " + format.Span(*longest)
		return fmt.Sprintf("%s of %s", short, format.Count(n)), short
	}
	return format.None, format.None
}

// Median is the median of writes and the slowest hundredth, or the longest where
// they are too few to have one, in milliseconds.
func Median(p50, p99, longest *time.Duration) string {
	switch {
	case p50 != nil && p99 != nil:
		return fmt.Sprintf("%d/%d", p50.Milliseconds(), p99.Milliseconds())
	case p50 != nil && longest != nil:
		return fmt.Sprintf("%d/max %d", p50.Milliseconds(), longest.Milliseconds())
	case p50 != nil:
		return fmt.Sprintf("%d/%s", p50.Milliseconds(), format.None)
	case longest != nil:
		return fmt.Sprintf("max %d", longest.Milliseconds())
	}
	return format.None
}
