package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

func TestCatchUp(t *testing.T) {
	owed := func(n int64) *int64 { return &n }
	sample := drill.StoreSample{Region: "b", OwedBytes: owed(2 << 20), Rate: 4700, Contact: 10 * time.Second}
	began := func(at time.Duration, bytes int64) []*drill.Rejoin {
		return []*drill.Rejoin{{RejoinStarted: drill.RejoinStarted{Dataset: "d", Region: "b", OwedBytes: owed(bytes)}, Began: at}}
	}
	tests := []struct {
		name      string
		bandwidth int64
		rejoins   []*drill.Rejoin
		owed      *int64
		want      CatchUp
	}{
		{"what is unknown", 8 << 20, nil, nil, CatchUp{}},
		{"nothing", 8 << 20, nil, owed(0), CatchUp{Known: true, Moves: true}},
		// A follower's rate is that of new writes, and says nothing of what its link can do.
		{"a follower", 8 << 20, nil, owed(2 << 20), CatchUp{D: 2*time.Second + 24*time.Millisecond, Known: true, Moves: true}},
		{"a return that has just begun", 8 << 20, began(9500*time.Millisecond, 8<<20), owed(2 << 20), CatchUp{D: 2*time.Second + 24*time.Millisecond, Known: true, Moves: true}},
		{"a return slower than its link", 8 << 20, began(6*time.Second, 4<<20), owed(2 << 20), CatchUp{D: 4*time.Second + 24*time.Millisecond, Known: true, Moves: true}},
		{"a return that stands", 8 << 20, began(6*time.Second, 2<<20), owed(2 << 20), CatchUp{Known: true}},
		{"no bandwidth", 0, nil, owed(9400), CatchUp{D: 2*time.Second + 24*time.Millisecond, Known: true, Moves: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := drill.NewState()
			s.Fleet.Links = []drill.Link{{Between: [2]string{"a", "b"}, RTT: 24 * time.Millisecond, Bandwidth: tt.bandwidth}}
			s.Rejoins = tt.rejoins
			one := sample
			one.OwedBytes = tt.owed
			d := &drill.DatasetState{Name: "d", Authority: "a", Replicas: map[string]*drill.StoreSample{"b": &one}}
			if got := CatchUpOf(s, d, "b"); got != tt.want {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestSpeedNeedsTime(t *testing.T) {
	if _, known := Speed(drill.RejoinDone{Bytes: 100 << 10, Took: time.Millisecond}); known {
		t.Error("bytes were divided by a span that no sample can tell")
	}
	if speed, known := Speed(drill.RejoinDone{Bytes: 8 << 20, Took: 4 * time.Second}); !known || speed != 2<<20 {
		t.Errorf("got %v, %v", speed, known)
	}
}
