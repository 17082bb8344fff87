package instrument

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleeps is how long the machine has slept: CLOCK_BOOTTIME counts on meanwhile, CLOCK_MONOTONIC does not
// (clock_gettime(2)). Neither goes by the wall clock, which may be set.
func sleeps() func() time.Duration {
	return func() time.Duration {
		var boot, mono unix.Timespec
		if unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil || unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono) != nil {
			return 0
		}
		return time.Duration(boot.Nano() - mono.Nano())
	}
}
