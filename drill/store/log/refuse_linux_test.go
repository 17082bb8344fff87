package log

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store/replica/conformance"
)

// refuse has every write answered as by a full disk.
func refuse(t testing.TB, r conformance.Replica) func() {
	full, back := swap(t, r.(*Replica))
	full()
	return back
}
