package measure

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Of a promotion it is known what restoring took, and of the way to the first write for how long replicas were added meanwhile: in
// the leader's region, and no longer than that stage.
func TestStageParts(t *testing.T) {
	const ms = time.Millisecond
	f := &drill.Failover{To: "b", Restored: &drill.Restored{Took: 1800 * ms},
		Ends: map[drill.Stage]time.Duration{drill.StageFence: 2000 * ms, drill.StagePromote: 4000 * ms, drill.StageReroute: 5000 * ms}}
	scaled := func(region string, was, replicas int, at, took time.Duration) drill.ScaledAt {
		return drill.ScaledAt{RegionScaled: drill.RegionScaled{Region: region, Was: was, Replicas: replicas, Took: took}, At: at}
	}
	for _, tt := range []struct {
		stage  drill.Stage
		scaled []drill.ScaledAt
		want   []StagePart
	}{
		{drill.StagePromote, nil, []StagePart{{"restoring", 1800 * ms}}},
		{drill.StageFence, nil, nil},
		{drill.StageDetect, nil, nil}, // it has not ended
		{drill.StageReroute, nil, nil},
		{drill.StageReroute, []drill.ScaledAt{scaled("b", 0, 4, 4500*ms, 300*ms)}, []StagePart{{"scaling", 300 * ms}}},
		{drill.StageReroute, []drill.ScaledAt{scaled("b", 0, 4, 6000*ms, 1500*ms)}, []StagePart{{"scaling", 500 * ms}}},
		{drill.StageReroute, []drill.ScaledAt{scaled("a", 0, 4, 4500*ms, 300*ms), scaled("b", 4, 0, 4500*ms, 300*ms), scaled("b", 0, 4, 900*ms, 300*ms), scaled("b", 0, 4, 9000*ms, 300*ms)}, nil},
	} {
		if got := StageParts(&drill.State{Scaled: tt.scaled}, f, tt.stage); !slices.Equal(got, tt.want) {
			t.Errorf("%s with %v: %v, want %v", tt.stage, tt.scaled, got, tt.want)
		}
	}
}
