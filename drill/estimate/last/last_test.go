package last

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

func TestWhatIsKept(t *testing.T) {
	state := t.TempDir()
	file := File(state, "local", "three-regions")
	if got := read(file); len(got) != 0 {
		t.Fatalf("at first %v is known", got)
	}
	for _, took := range []map[string]time.Duration{
		{"bring-up": 3 * time.Second, "restore": 10 * time.Second},
		{"restore": 1234567 * time.Microsecond}, // newer
	} {
		if err := add(file, took); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]time.Duration{"bring-up": 3 * time.Second, "restore": 1235 * time.Millisecond}
	if got := read(file); !maps.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	if got := read(File(state, "kind", "three-regions")); len(got) != 0 {
		t.Errorf("on another platform %v is known", got)
	}
	if all, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
	if hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*-*")); len(hidden) != 0 {
		t.Errorf("left behind: %v", hidden)
	}
}

// TestWhatCanNotBeRead: it is not known, and a file that is no such file is replaced by the next.
func TestWhatCanNotBeread(t *testing.T) {
	file := File(t.TempDir(), "local", "f")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "[1]", `{"restore": "soon"}`, `{"restore": -1, "kill": 1e300}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := read(file); len(got) != 0 {
			t.Errorf("%s: %v", text, got)
		}
	}
	if err := add(file, map[string]time.Duration{"kill": time.Second}); err != nil || read(file)["kill"] != time.Second {
		t.Errorf("%v, %v", err, read(file))
	}
	if err := add(filepath.Join(file, "x", "y.json"), nil); err == nil {
		t.Error("a file as a folder is no error")
	}
}

// TestAJoinedFleet: its bring-up is none of the one that is waited for when it is made.
func TestAJoinedFleet(t *testing.T) {
	file := File(t.TempDir(), "local", "f")
	drilled := func(up, steady time.Duration) *drill.State {
		s := drill.NewState()
		for i, e := range []drill.Event{
			{Body: drill.DrillStarted{}}, {T: up, Body: drill.PhaseEntered{Phase: drill.PhaseSteady}},
			{T: up + steady, Body: drill.PhaseEntered{Phase: drill.PhaseRunning}},
		} {
			e.Seq = uint64(i + 1)
			s.Apply(e)
		}
		return s
	}
	if err := errors.Join(Keep(file, drilled(20*time.Second, 5*time.Second), false), Keep(file, drilled(time.Second, 6*time.Second), true)); err != nil {
		t.Fatal(err)
	}
	const up, check = "bring-up", "free drill: warm-up"
	if got := Known(file, false); got[up] != 20*time.Second || got[check] != 6*time.Second {
		t.Errorf("of one that is made: %v", got)
	}
	if got := Known(file, true); len(got) != 1 || got[check] != 6*time.Second {
		t.Errorf("of one that is joined: %v", got)
	}
}
