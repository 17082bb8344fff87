package below

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

func TestOnlyAFolderThatNothingIsInIsUnused(t *testing.T) {
	folder := t.TempDir()
	if !unused(folder) {
		t.Error("a folder that was just made counts as used")
	}
	if unused(filepath.Join(folder, "gone")) {
		t.Error("a folder that is not there counts as unused: nobody knows what was in it")
	}
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if unused(folder) {
		t.Error("a folder with something in it counts as unused: what a region left there would stay")
	}
}

// A stopped process is continued where it is below the one that is asked for, and left alone where the number is another's.
func TestOnlyOneOfOursIsContinued(t *testing.T) {
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	}()
	pid := sleeper.Process.Pid
	identity, err := record.Identify(pid)
	if err == nil {
		err = StopAll(t.Context(), []record.Process{identity})
	}
	if err != nil {
		t.Fatal(err)
	}
	if continued, err := ContinueOne(t.Context(), pid, pid); continued || err != nil { // nobody is below itself
		t.Errorf("a stranger: %t, %v", continued, err)
	}
	if stopped, err := Stopped(t.Context(), pid); !stopped || err != nil {
		t.Errorf("a stranger was continued: %v", err)
	}
	if continued, err := ContinueOne(t.Context(), os.Getpid(), pid); !continued || err != nil {
		t.Errorf("ours: %t, %v", continued, err)
	}
	for stopped := true; stopped; {
		if stopped, err = Stopped(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
	}
	if continued, err := ContinueOne(t.Context(), os.Getpid(), pid); continued || err != nil {
		t.Errorf("one that runs: %t, %v", continued, err)
	}
}
