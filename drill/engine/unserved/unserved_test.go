package unserved

import (
	"errors"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// A region whose web tier is gone is not lost while its gateway says so itself, and is once that is silent too.
func TestUnservedIsNotLost(t *testing.T) {
	noWeb := &wire.Error{Code: wire.CodeNoWeb, Region: "east"}
	unreached := &wire.Error{Code: wire.CodeUpstream, Region: "east"}
	silent, another := errors.New("timeout"), &wire.Error{Code: wire.CodeNoWeb, Region: "west"}
	var said []drill.RegionUnserved
	u := New(3, func(b drill.Body) { said = append(said, b.(drill.RegionUnserved)) })
	for _, step := range []struct {
		failed error
		holds  bool
		events int
	}{
		{nil, false, 0}, {silent, false, 0}, {another, false, 0}, {noWeb, false, 0}, {unreached, false, 0},
		{nil, false, 0}, // it begins anew
		{noWeb, false, 0}, {unreached, false, 0}, {noWeb, true, 1}, {noWeb, true, 1},
		{silent, true, 1}, {silent, true, 1}, {nil, true, 1}, // a web replica is back: the router says when it counts
		{silent, true, 1}, {silent, true, 1}, {silent, false, 2}, {silent, false, 2},
	} {
		u.Outcome("east", step.failed)
		if got := u.Holds("east"); got != step.holds || len(said) != step.events {
			t.Fatalf("after %v: it is %t with %d events, want %t and %d", step.failed, got, len(said), step.holds, step.events)
		}
	}
	if !said[0].On || said[1].On || said[0].After != 3 {
		t.Errorf("%+v", said)
	}
}
