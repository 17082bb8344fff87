package log

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A follower that has caught up lets entries come together, unless a write waits for it.
func TestAFollowerGathersWhereNobodyWaits(t *testing.T) {
	entries := []store.Entry{{Index: 6}, {Index: 7}}
	async := topology.Durability{Mode: topology.ModeAsync}
	for name, c := range map[string]struct {
		batch store.Batch
		rule  []topology.Durability
		left  bool // the authority is followed no longer
		want  time.Duration
	}{
		"caught up":                  {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{async}, want: 10 * time.Millisecond},
		"another one is waited for":  {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{{Mode: topology.ModeSync, With: "east"}}, want: 10 * time.Millisecond},
		"this one is waited for":     {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{{Mode: topology.ModeSync, With: "west"}}},
		"a majority is waited for":   {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{{Mode: topology.ModeQuorum}}},
		"a mode that is being left":  {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{async, {Mode: topology.ModeQuorum}}},
		"nothing is known of a mode": {batch: store.Batch{Entries: entries, Position: 7}},
		"there is more to store":     {batch: store.Batch{Entries: entries, Position: 8}, rule: []topology.Durability{async}},
		"a heartbeat":                {batch: store.Batch{Position: 7}, rule: []topology.Durability{async}},
		"it is followed no longer":   {batch: store.Batch{Entries: entries, Position: 7}, rule: []topology.Durability{async}, left: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, err := Config{Dir: "d", Dataset: "orders", Region: "west", Run: "1"}.withDefaults()
				if err != nil {
					t.Fatal(err)
				}
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				if c.left {
					leave()
				}
				f := &following{cfg: cfg, awaited: func() bool { return awaits(replica.Rule{Durabilities: c.rule}, "west") }}
				began := time.Now()
				f.gather(ctx, c.batch)
				if took := time.Since(began); took != c.want {
					t.Errorf("it waited %s, want %s", took, c.want)
				}
			})
		})
	}
}
