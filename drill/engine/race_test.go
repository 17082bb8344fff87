//go:build race

package engine

import "testing"

// labRate is a lab population's requests per second. Under the race detector a request
// costs about ten times as much: at more than this the users, who do not wait for
// answers, pile up connections until nothing is answered in time, and the detector
// keeps half a megabyte of each goroutine for good.
const labRate = 12

// beside leaves the processors to one lab: under the race detector it needs them all.
func beside(*testing.T) {}
