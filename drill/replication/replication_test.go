package replication

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func answer(at int, is role.Role, bytes int64) telemetry.Replica {
	return telemetry.Replica{Region: "west", Role: is, Bytes: bytes, Contact: time.Duration(at) * time.Second}
}

var silent = telemetry.Replica{Region: "west", Stale: true}

// What a follower grew by is counted once: what it was seen to copy while it came back is in what it says that it copied.
func TestWhatWasReplicatedIsCountedOnce(t *testing.T) {
	var a Answers
	steps := []struct {
		name string
		do   func()
		want int64
	}{
		{"its first answer", func() { a.Sampled(answer(1, role.Follower, 100)) }, 0},
		{"it grew", func() { a.Sampled(answer(2, role.Follower, 150)) }, 50},
		{"it was silent", func() { a.Sampled(silent) }, 50},
		{"it is back, nobody knows since when", func() { a.Sampled(answer(4, role.Follower, 300)) }, 50},
		{"it follows again", func() { a.Left("west") }, 50},
		{"it copies", func() { a.Sampled(answer(5, role.Follower, 340)) }, 90},
		{"it is current, and says how much it copied", func() { a.Back("west", 260) }, 310},
		{"growth is counted from the next answer", func() { a.Sampled(answer(6, role.Follower, 400)) }, 310},
		{"it grew", func() { a.Sampled(answer(7, role.Follower, 410)) }, 320},
		{"it leads, and what its users write is not replicated", func() { a.Sampled(answer(8, role.Authority, 500)) }, 320},
		{"it follows, and some of it was written before", func() { a.Sampled(answer(9, role.Follower, 600)) }, 320},
	}
	for _, step := range steps {
		step.do()
		if got := a.Bytes(); got != step.want {
			t.Fatalf("%s: %d bytes, want %d", step.name, got, step.want)
		}
	}
}

func TestWhatIsHeldReachesAsFarBackAsItIsOfNow(t *testing.T) {
	var a Answers
	held := func(answers ...telemetry.Replica) (bytes []int64) {
		for _, x := range answers {
			a.Sampled(x)
		}
		for _, h := range a.Held("west") {
			bytes = append(bytes, h.Bytes)
		}
		return bytes
	}
	if got := held(answer(1, role.Follower, 1), answer(1, role.Follower, 1), answer(2, role.Follower, 2)); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("the same answer twice: %v", got)
	}
	if got := held(answer(3, role.Follower, 3), answer(4, role.Follower, 4), answer(6, role.Follower, 6)); !slices.Equal(got, []int64{3, 4, 6}) {
		t.Errorf("after six seconds: %v", got)
	}
	if got := held(answer(7, role.Follower, 5)); !slices.Equal(got, []int64{5}) {
		t.Errorf("it holds less than before: %v", got)
	}
	if got := held(silent); got != nil {
		t.Errorf("it is silent: %v", got)
	}
}
