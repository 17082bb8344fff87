package log

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A write is acknowledged once the regions that its mode names have reported it,
// and not before; until then it is held, and not at risk: nobody was told of it.
func TestAWriteWaitsForItsPromise(t *testing.T) {
	regions := []string{"east", "west", "south"}
	tests := []struct {
		name    string
		promise drill.Durability
		silent  []string // followers that can't report
		waits   []string // nil: it is acknowledged
	}{
		{"async waits for nobody", drill.Durability{Mode: drill.ModeAsync}, []string{"west", "south"}, nil},
		{"sync, its partner there", drill.Durability{Mode: drill.ModeSync, With: "west"}, []string{"south"}, nil},
		{"sync, its partner silent: another is no help", drill.Durability{Mode: drill.ModeSync, With: "west"}, []string{"west"}, []string{"west"}},
		{"quorum, one of two there", drill.Durability{Mode: drill.ModeQuorum}, []string{"west"}, nil},
		{"quorum, nobody there", drill.Durability{Mode: drill.ModeQuorum}, []string{"west", "south"}, []string{"south", "west"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFleet(t, nil, regions...)
			east := f.at("east")
			must(t, east.Configure(t.Context(), drill.Dataset{Name: dataset, Regions: regions, Mode: tt.promise.Mode, With: tt.promise.With}))
			lead(t, east, 1)
			for _, region := range regions[1:] {
				must(t, f.at(region).Follow(t.Context(), "east", 1))
			}
			write(t, east, "a")
			for _, region := range regions[1:] {
				untilEqual(t, f.at(region), east)
			}
			until(t, "both have reported the first write", func() bool {
				s := status(t, east)
				return s.Followers["west"] == 1 && s.Followers["south"] == 1
			})
			for _, region := range tt.silent {
				f.set(region, "east", "silent")
			}

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			acked := make(chan error, 1)
			go func() {
				_, err := east.Append(ctx, store.Write{ID: "b", Payload: payloadOf("b")})
				acked <- err
			}()
			if tt.waits == nil {
				must(t, <-acked)
				if s := status(t, east); s.Kept < 2 || s.Waiting != 0 {
					t.Errorf("acknowledged, and it says %+v", s)
				}
				return
			}
			until(t, "the write is held", func() bool { return status(t, east).Waiting == 1 })
			s := status(t, east)
			if !slices.Equal(s.WaitingFor, tt.waits) {
				t.Errorf("waits for %v, want %v", s.WaitingFor, tt.waits)
			}
			if s.Kept != 1 || s.AtRisk == nil || *s.AtRisk != 0 {
				t.Errorf("held, and it says kept %d, at risk %v; want 1 and 0", s.Kept, s.AtRisk)
			}
			select {
			case err := <-acked:
				t.Fatalf("it was answered while held: %v", err)
			default:
			}
			for _, region := range tt.silent {
				f.set(region, "east", "")
			}
			must(t, <-acked)
			if s := status(t, east); s.Kept != 2 || s.Waiting != 0 {
				t.Errorf("after it was acknowledged: %+v", s)
			}
		})
	}
}

// Quorum keeps what was written before this epoch once every region has it, though
// nobody writes; a majority that has it is not enough, since the third could hold a
// newer entry and be promoted over it.
func TestQuorumOfWhatOlderEpochsWrote(t *testing.T) {
	regions := []string{"east", "west", "south"}
	f := newFleet(t, nil, regions...)
	east := f.at("east")
	for _, region := range regions {
		fill(t, f.at(region), "1:a,b")
	}
	fill(t, east, "1:c,d")
	f.set("south", "east", "silent")
	must(t, east.Configure(t.Context(), drill.Dataset{Name: dataset, Regions: regions, Mode: drill.ModeQuorum}))
	lead(t, east, 2)
	for _, region := range regions[1:] {
		must(t, f.at(region).Follow(t.Context(), "east", 2))
	}
	until(t, "west has reported all", func() bool { return status(t, east).Followers["west"] == 4 })
	if kept := status(t, east).Kept; kept != 0 {
		t.Errorf("south has reported nothing, and %d are kept", kept)
	}
	must(t, east.Stored(t.Context(), 2, "south", 2))
	if kept := status(t, east).Kept; kept != 2 {
		t.Errorf("south has 2 and the others 4, and %d are kept, want 2", kept)
	}
	f.set("south", "east", "")
	until(t, "all that all regions have is kept", func() bool { return status(t, east).Kept == 4 })

	// From the first write on a majority is enough.
	f.set("south", "east", "silent")
	write(t, east, "e")
	until(t, "the write is kept", func() bool { return status(t, east).Kept == 5 })
}

// Async acknowledges what nobody else has: that is what is at risk, and it is
// unknown until somebody has reported.
func TestAtRisk(t *testing.T) {
	f := newFleet(t, nil, "east", "west")
	east := f.at("east")
	must(t, east.Configure(t.Context(), drill.Dataset{Name: dataset, Regions: []string{"east", "west"}, Mode: drill.ModeAsync}))
	lead(t, east, 1)
	write(t, east, "a", "b")
	if s := status(t, east); s.AtRisk != nil {
		t.Errorf("%d at risk, though west may have all of it or nothing", *s.AtRisk)
	}
	must(t, f.at("west").Follow(t.Context(), "east", 1))
	until(t, "nothing is at risk", func() bool { risk := status(t, east).AtRisk; return risk != nil && *risk == 0 })
	f.set("west", "east", "silent")
	write(t, east, "c", "d", "e")
	if risk := status(t, east).AtRisk; risk == nil || *risk != 3 {
		t.Errorf("at risk %v, want 3", risk)
	}
}

// A lease that runs out ends the wait: what is held then was not acknowledged.
func TestAHeldWriteIsNotAcknowledgedAfterTheLease(t *testing.T) {
	f := newFleet(t, nil, "east", "west")
	east := f.at("east")
	must(t, east.Configure(t.Context(), drill.Dataset{Name: dataset, Regions: []string{"east", "west"}, Mode: drill.ModeSync, With: "west"}))
	must(t, east.Promote(t.Context(), 1))
	must(t, east.Grant(t.Context(), 1, status(t, east).Clock, 200*time.Millisecond))
	if _, err := east.Append(t.Context(), store.Write{ID: "a", Payload: payloadOf("a")}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("after its lease: %v", err)
	}
}
