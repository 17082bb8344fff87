package exports

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

var errLost = errors.New("connection lost")

// events are those that are ready now.
func events(l List, ending bool) (List, []drill.RejoinDone, []drill.TaskFailed) {
	l, all := l.Take(ending)
	var done []drill.RejoinDone
	var failed []drill.TaskFailed
	for _, b := range all {
		switch b := b.(type) {
		case drill.RejoinDone:
			done = append(done, b)
		case drill.TaskFailed:
			failed = append(failed, b)
		}
	}
	return l, done, failed
}

// A rejoin waits for its tails, and for no other region's; two tails are in a folder.
func TestARejoinWaitsForItsTails(t *testing.T) {
	l := List{}.Begin(0, "a", 1).Begin(0, "b", 2).Begin(0, "a", 3)
	l = l.Result(time.Second, 1, "home/a/one", nil, false)
	l = l.Current(drill.RejoinDone{Dataset: "orders", Region: "a", Diverged: 9, Exported: "in a"})
	l, done, _ := events(l, false)
	if len(done) != 0 {
		t.Fatalf("it did not wait: %+v", done)
	}
	l = l.Result(2*time.Second, 3, "home/a/two", nil, false)
	l, done, failed := events(l, false)
	if len(done) != 1 || done[0].Exported != "home/a" || done[0].Diverged != 9 || len(failed) != 0 {
		t.Errorf("rejoins %+v, failures %+v", done, failed)
	}
	if _, done, _ = events(l, false); len(done) != 0 {
		t.Errorf("told twice: %+v", done)
	}
}

// A fetch is tried again until its time is over; then the operator is told where it lies.
func TestAFetchThatNeverSucceeds(t *testing.T) {
	l := List{}.Begin(0, "a", 1).Current(drill.RejoinDone{Dataset: "orders", Region: "a", Exported: "in a"})
	step := uint64(1)
	for now := time.Second; now < Limit; now += 10 * time.Second {
		l = l.Result(now, step, "", errLost, false)
		asked := false
		l = l.Again(now, func(region string) uint64 { asked = region == "a"; step++; return step })
		if !asked {
			t.Fatalf("not tried again at %s", now)
		}
	}
	l = l.Result(Limit, step, "", errLost, false)
	_, done, failed := events(l, false)
	if len(done) != 1 || done[0].Exported != "in a" || len(failed) != 1 || !strings.Contains(failed[0].Next, "in a") {
		t.Errorf("rejoins %+v, failures %+v", done, failed)
	}
}

// The end of a drill waits for what is under way and tries nothing again.
func TestTheEndTriesNothingAgain(t *testing.T) {
	l := List{}.Begin(0, "a", 1).Begin(0, "b", 2).Current(drill.RejoinDone{Region: "b", Exported: "in b"})
	l = l.Result(time.Second, 1, "", errLost, false).End()
	l, done, _ := events(l, true)
	if len(done) != 0 {
		t.Fatalf("the end did not wait for b: %+v", done)
	}
	l = l.Result(2*time.Second, 2, "", errLost, true)
	if _, done, failed := events(l, true); len(done) != 1 || len(failed) != 1 {
		t.Errorf("rejoins %+v, failures %+v", done, failed)
	}
}
