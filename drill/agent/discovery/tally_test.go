package discovery

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestWhichCallsAreStale(t *testing.T) {
	for name, tt := range map[string]struct {
		err               error
		stale, unanswered uint64
	}{
		"acknowledged":        {nil, 0, 0},
		"who asked has gone":  {context.Canceled, 0, 0},
		"time ran out":        {context.DeadlineExceeded, 1, 1},
		"refused connection":  {errors.New("connection refused"), 1, 1},
		"another answered":    {fmt.Errorf("x: %w", wire.ErrWrongRegion), 1, 1},
		"its store is silent": {&wire.Error{Code: wire.CodeUpstream}, 1, 1},
		"no lease":            {&wire.Error{Code: wire.CodeFenced}, 1, 0},
		"it does not lead":    {&wire.Error{Code: wire.CodeNotAuthority}, 1, 0},
		"its own store":       {fmt.Errorf("x: %w", store.ErrNotAuthority), 1, 0},
		"an older term":       {&wire.Error{Code: wire.CodeStaleEpoch}, 1, 0},
		"it is no replica":    {&wire.Error{Code: wire.CodeNotFound}, 1, 0},
		"durability":          {&wire.Error{Code: wire.CodeMode}, 0, 0},
		"a bad write":         {&wire.Error{Code: wire.CodeBadWrite}, 0, 0},
		"over capacity":       {&wire.Error{Code: wire.CodeShed}, 0, 0},
	} {
		var tally tally
		tally.ended(time.Second, tt.err)
		if tally.calls != 1 || tally.stale != tt.stale || tally.unanswered != tt.unanswered {
			t.Errorf("%s: %+v", name, tally)
		}
	}
}

// A spell is from the first stale call that was sent to the last, in whichever order they end.
func TestSpells(t *testing.T) {
	dead := errors.New("connection refused")
	var tally tally
	if tally.spell(time.Minute) != nil {
		t.Error("there is a spell before the first stale call")
	}
	for _, sent := range []time.Duration{5, 4, 6, 8} {
		tally.ended(sent*time.Second, dead)
	}
	tally.ended(9*time.Second, nil)
	if got := tally.spell(10 * time.Second); *got != (wire.Spell{BeganAgo: 6 * time.Second, EndedAgo: 2 * time.Second}) {
		t.Errorf("%+v", got)
	}
	tally.ended(12*time.Second, dead)
	if got := tally.spell(12 * time.Second); *got != (wire.Spell{}) {
		t.Errorf("after a pause: %+v", got)
	}
}
