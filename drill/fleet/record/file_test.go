package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func of(name string) Record {
	return Record{On: "local", Fleet: topology.Fleet{Name: name, Regions: []topology.Region{{Name: "a"}, {Name: "b"}}}}
}

func create(t *testing.T, state, name string) *File {
	t.Helper()
	f, err := Create(state, of(name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestStateDir(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string // "" is an error
	}{
		{"override", map[string]string{"FLEETDRILL_STATE_DIR": "/x/y", "XDG_STATE_HOME": "/s", "HOME": "/h"}, "/x/y"},
		{"xdg", map[string]string{"XDG_STATE_HOME": "/s", "HOME": "/h"}, "/s/fleetdrill"},
		{"relative xdg is ignored", map[string]string{"XDG_STATE_HOME": "s", "HOME": "/h"}, "/h/.local/state/fleetdrill"},
		{"home", map[string]string{"HOME": "/h"}, "/h/.local/state/fleetdrill"},
		{"nothing", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := StateDir(func(k string) string { return tt.env[k] })
			if got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestNamesCannotEscape(t *testing.T) {
	outside := t.TempDir()
	state := filepath.Join(outside, "state")
	for _, name := range []string{"", ".", "..", "../x", "a/b", "/etc", "A", "a_b", "-a", "a-", "a\x00", "a\n", strings.Repeat("a", 64)} {
		if _, err := Create(state, of(name)); err == nil {
			t.Errorf("Create took %q", name)
		}
		if _, err := Open(state, name); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open of %q: %v", name, err)
		}
		if err := Clear(state, name); err == nil {
			t.Errorf("Clear took %q", name)
		}
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestCreateOpenUpdate(t *testing.T) {
	state := t.TempDir()
	f := create(t, state, "three")
	made := f.Get()
	if made.Version != Version || len(made.Token) < 20 || made.Made.IsZero() || !Alive(made.Owner) {
		t.Errorf("not filled in: %+v", made)
	}
	if other := create(t, state, "other").Get(); other.Token == made.Token {
		t.Error("two fleets share a token")
	}
	if _, err := Create(state, of("three")); !errors.Is(err, fleet.ErrExists) {
		t.Errorf("second Create: %v", err)
	}
	want := Cluster{Region: "a", Name: "fleetdrill-three-a", Kubeconfig: "/k", NodeContainerID: "c"}
	err := f.Update(func(r *Record) {
		r.SetCluster(Cluster{Region: "a"})
		r.SetCluster(want)
		r.SetProcess(Process{Region: "a", PID: 1})
		r.SetProcess(Process{Region: "a", PID: 2})
		r.SetProcess(Process{Region: "b", PID: 3})
		r.DropProcess("b")
		r.Cordon("a", true)
		r.Cordon("a", true)
		r.Cordon("b", true)
		r.Cordon("b", false)
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(state, "three")
	if err != nil {
		t.Fatal(err)
	}
	got := again.Get()
	if !reflect.DeepEqual(got, f.Get()) {
		t.Errorf("read back %+v, wrote %+v", got, f.Get())
	}
	if c := got.Cluster("a"); c == nil || !reflect.DeepEqual(*c, want) || len(got.Clusters) != 1 {
		t.Errorf("clusters %+v", got.Clusters)
	}
	if len(got.Processes) != 1 || got.Processes[0].PID != 2 {
		t.Errorf("processes %+v", got.Processes)
	}
	if !got.IsCordoned("a") || got.IsCordoned("b") || len(got.Cordoned) != 1 {
		t.Errorf("cordoned %v", got.Cordoned)
	}
	for path, mode := range map[string]fs.FileMode{f.Dir(): 0o700, filepath.Dir(f.Dir()): 0o700, f.path(): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, mode)
		}
	}
}

func TestGetIsACopy(t *testing.T) {
	f := create(t, t.TempDir(), "three")
	r := f.Get()
	r.Fleet.Regions[0].Name = "changed"
	if f.Get().Fleet.Regions[0].Name != "a" {
		t.Error("a change of the copy changed the record")
	}
}

func TestUpdateFromManyGoroutinesLosesNothing(t *testing.T) {
	state := t.TempDir()
	f := create(t, state, "three")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := f.Update(func(r *Record) { r.SetProcess(Process{Region: strconv.Itoa(i), PID: i + 1}) }); err != nil {
				t.Error(err)
			}
			_ = f.Get()
		})
	}
	wg.Wait()
	again, err := Open(state, "three")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(again.Get().Processes); n != 20 {
		t.Errorf("%d of 20 changes kept", n)
	}
	if left, _ := filepath.Glob(filepath.Join(f.Dir(), tempPrefix+"*")); len(left) != 0 {
		t.Errorf("half-written files left: %v", left)
	}
}

func TestUpdateThatCannotBeReadBackIsRefused(t *testing.T) {
	f := create(t, t.TempDir(), "three")
	before, _ := os.ReadFile(f.path())
	if err := f.Update(func(r *Record) { r.Fleet.Name = "elsewhere" }); err == nil {
		t.Error("a record was moved to another fleet's name")
	}
	if after, _ := os.ReadFile(f.path()); string(after) != string(before) || f.Get().Fleet.Name != "three" {
		t.Error("a refused change came through")
	}
}

func TestCreateRace(t *testing.T) {
	state := t.TempDir()
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := Create(state, of("three"))
			if err != nil && !errors.Is(err, fleet.ErrExists) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d made the fleet", won)
	}
}

func TestListReportsBroken(t *testing.T) {
	state := t.TempDir()
	if got, err := List(state); len(got) != 0 || err != nil {
		t.Fatalf("of nothing: %v, %v", got, err)
	}
	create(t, state, "two")
	create(t, state, "one")
	for name, text := range map[string]string{
		"garbage": "{",
		"newer":   `{"version":9,"fleet":{"name":"newer"}}`,
		"moved":   `{"version":1,"fleet":{"name":"another"}}`,
	} {
		f := create(t, state, name)
		if err := os.WriteFile(f.path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(state, "fleets", "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := List(state)
	if len(got) != 2 || got[0].Fleet.Name != "one" || got[1].Fleet.Name != "two" {
		t.Errorf("records %+v", got)
	}
	if !errors.Is(err, ErrBroken) {
		t.Fatalf("error %v", err)
	}
	for _, name := range []string{"garbage", "newer", "moved", "empty"} {
		if !strings.Contains(err.Error(), filepath.Join("fleets", name)) {
			t.Errorf("%s is hidden in %v", name, err)
		}
	}
}

func TestRemove(t *testing.T) {
	state := t.TempDir()
	keep := filepath.Join(state, "journal.jsonl")
	outside := filepath.Join(t.TempDir(), "precious")
	for _, path := range []string{keep, outside} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, other := create(t, state, "three"), create(t, state, "other")
	if err := f.Lock(); err != nil {
		t.Fatal(err)
	}
	logs, err := f.MakeDir("regions", "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(logs, "link")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Lstat(f.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder is there still: %v", err)
	}
	for _, path := range []string{keep, outside, other.path()} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("taken away: %v", err)
		}
	}
	if err := other.Remove(); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(state); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	create(t, state, "three")
}

func TestRemoveRefusesLinks(t *testing.T) {
	for _, link := range []string{"fleets", "fleets/three"} {
		t.Run(link, func(t *testing.T) {
			state, outside := t.TempDir(), t.TempDir()
			f := create(t, state, "three")
			moved := filepath.Join(outside, "moved")
			if err := os.Rename(filepath.Join(state, link), moved); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(moved, filepath.Join(state, link)); err != nil {
				t.Fatal(err)
			}
			if err := f.Remove(); !errors.Is(err, fleet.ErrNotOurs) {
				t.Errorf("Remove: %v", err)
			}
			if _, err := Open(state, "three"); err != nil {
				t.Errorf("the record is gone: %v", err)
			}
		})
	}
}

func TestMakeDirStaysInside(t *testing.T) {
	f := create(t, t.TempDir(), "three")
	for _, path := range []string{"..", "../other", "/tmp/x", "a/../../b"} {
		if _, err := f.MakeDir(path); err == nil && path != "/tmp/x" {
			t.Errorf("made %q", path)
		}
	}
}

func TestClear(t *testing.T) {
	state := t.TempDir()
	f := create(t, state, "three")
	if err := Clear(state, "three"); !errors.Is(err, fleet.ErrExists) {
		t.Errorf("with a record: %v", err)
	}
	if err := os.Remove(f.path()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Clear(state, "three"); err != nil {
			t.Fatal(err)
		}
	}
	if entries, _ := os.ReadDir(state); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestLock(t *testing.T) {
	state := t.TempDir()
	a := create(t, state, "three")
	b, err := Open(state, "three")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Lock(); err != nil {
			t.Fatal(err)
		}
	}
	err = b.Lock()
	var locked *LockedError
	if !errors.Is(err, ErrLocked) || !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Errorf("second Lock: %v", err)
	}
	if err := a.Update(func(r *Record) { r.Cordon("a", true) }); err != nil {
		t.Fatal(err)
	}
	a.Unlock()
	if err := b.Lock(); err != nil {
		t.Fatal(err)
	}
	if r := b.Get(); !r.IsCordoned("a") {
		t.Error("Lock did not read the record anew")
	}
	if err := b.Remove(); err != nil {
		t.Fatal(err)
	}
	if err := a.Lock(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lock of a removed fleet: %v", err)
	}
	if _, err := os.Stat(a.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lock made the folder again: %v", err)
	}
}

func TestLockIsOneAtATime(t *testing.T) {
	state := t.TempDir()
	deadline := time.Now().Add(5 * time.Second)
	var mu sync.Mutex
	held, rounds := 0, 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				// Each round makes, locks and removes the fleet: the lock's file comes and goes.
				f, err := Create(state, of("three"))
				if errors.Is(err, fleet.ErrExists) {
					f, err = Open(state, "three")
				}
				if err == nil {
					err = f.Lock()
				}
				if err != nil {
					if !errors.Is(err, ErrLocked) && !errors.Is(err, fs.ErrNotExist) {
						t.Error(err)
					}
					continue
				}
				mu.Lock()
				held++
				rounds++
				if held != 1 {
					t.Errorf("%d hold the lock", held)
				}
				held--
				mu.Unlock()
				if err := f.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if rounds == 0 || time.Now().After(deadline) {
		t.Errorf("%d rounds", rounds)
	}
}
