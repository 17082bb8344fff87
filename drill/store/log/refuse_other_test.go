//go:build !linux

package log

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store/replica/conformance"
)

// Elsewhere there is no device that is always full.
var refuse func(testing.TB, conformance.Replica) func()
