//go:build unix

package host

import (
	"math"

	"golang.org/x/sys/unix"
)

// Files is how many descriptors this process may have open at once; 0 is not known. Go raises the soft limit to the hard
// one as a program starts (package os), so it is the hard one that bounds.
func Files() int {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return int(min(uint64(l.Cur), math.MaxInt32))
}
