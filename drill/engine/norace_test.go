//go:build !race

package engine

import "testing"

// labRate is a lab population's requests per second.
const labRate = 60

// beside lets a test that waits for time, most of it, run beside others that do.
func beside(t *testing.T) { t.Parallel() }
