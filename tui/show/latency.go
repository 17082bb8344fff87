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
