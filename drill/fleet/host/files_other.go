//go:build !unix

package host

// Files is not known here.
func Files() int { return 0 }
