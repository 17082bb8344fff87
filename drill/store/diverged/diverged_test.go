package diverged

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func export(t *testing.T, replica string, entries ...store.Entry) *store.Cut {
	t.Helper()
	x, err := Create(filepath.Join(replica, Folder))
	must(t, err)
	for _, e := range entries {
		must(t, x.Put(e))
	}
	cut, err := x.Keep()
	must(t, err)
	return cut
}

var tail = []store.Entry{{Index: 7, Epoch: 2, ID: "x", Payload: []byte("\x00one")}, {Index: 9, Epoch: 3, ID: "y"}}

func TestWhatIsExportedCanBeRead(t *testing.T) {
	replica := t.TempDir()
	cut := export(t, replica, tail...)
	if want := filepath.Join(replica, "diverged", "epoch-3-from-7-to-9.jsonl"); cut.Exported != want || cut.Entries != 2 || cut.From != 7 {
		t.Errorf("cut %+v, want 2 entries from 7 in %s", *cut, want)
	}
	var got []store.Entry
	must(t, Read(cut.Exported, func(e store.Entry) error { got = append(got, e); return nil }))
	if !reflect.DeepEqual(got, tail) {
		t.Errorf("read %+v, want %+v", got, tail)
	}
}

// The same history goes to the same file, however often it is exported.
func TestTheSameTailAgain(t *testing.T) {
	replica := t.TempDir()
	first, second := export(t, replica, tail...), export(t, replica, tail...)
	files, err := os.ReadDir(filepath.Dir(first.Exported))
	if must(t, err); len(files) != 1 || first.Exported != second.Exported {
		t.Errorf("%d files, %s and %s", len(files), first.Exported, second.Exported)
	}
}

func TestNothingDiverged(t *testing.T) {
	replica := t.TempDir()
	if cut := export(t, replica); cut != nil {
		t.Errorf("cut %+v", *cut)
	}
	files, err := os.ReadDir(filepath.Join(replica, Folder))
	if must(t, err); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
}

func TestSweep(t *testing.T) {
	replica := filepath.Join(t.TempDir(), "a[b")   // no pattern
	must(t, Sweep(filepath.Join(replica, Folder))) // a replica that never cut anything
	kept := export(t, replica, tail...)
	x, err := Create(filepath.Join(replica, Folder))
	must(t, err)
	must(t, x.Put(tail[0])) // and then the process dies
	must(t, Sweep(filepath.Join(replica, Folder)))
	files, err := os.ReadDir(filepath.Dir(kept.Exported))
	if must(t, err); len(files) != 1 {
		t.Errorf("%d files are left, want the finished one", len(files))
	}
}

func TestADamagedFileIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	must(t, os.WriteFile(path, []byte("{\"index\":1,\"epoch\":1,\"id\":\"a\"}\n{\"index\":"), 0o600))
	n := 0
	if err := Read(path, func(store.Entry) error { n++; return nil }); err == nil || n != 1 {
		t.Errorf("%d entries and %v", n, err)
	}
}
