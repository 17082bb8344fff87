package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func entry(index uint64) store.Entry {
	return store.Entry{Index: index, Epoch: 1 + index/3, ID: fmt.Sprintf("w-%d", index), Payload: bytes.Repeat([]byte{byte(index)}, int(index)*7)}
}

func keep(t *testing.T, dir string, entries int, taken time.Time) Info {
	t.Helper()
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		if err := w.Put(entry(uint64(i + 1))); err != nil {
			t.Fatal(err)
		}
	}
	info, err := w.Keep(taken, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func read(t *testing.T, dir string) (all []store.Entry, err error) {
	t.Helper()
	err = Read(dir, func(e store.Entry) error {
		all = append(all, e)
		return nil
	})
	return all, err
}

// What is read is what was written, and the description that was kept is found again by a
// process that was started anew.
func TestASnapshotIsReadAsItWasWritten(t *testing.T) {
	for _, n := range []int{0, 1, 50} {
		dir := filepath.Join(t.TempDir(), Folder)
		kept := keep(t, dir, n, time.Now())
		got, ok, err := Last(dir)
		if err != nil || !ok || got.Position != uint64(n) || !got.Taken.Equal(kept.Taken) || got.Took != time.Second || got.Size != kept.Size || got.Bytes != kept.Bytes {
			t.Fatalf("of %d: %+v, %v, %v; kept %+v", n, got, ok, err, kept)
		}
		if at, err := os.Stat(filepath.Join(dir, name)); err != nil || at.Size() != kept.Size {
			t.Errorf("the file has %v, %v; want %d bytes", at, err, kept.Size)
		}
		all, err := read(t, dir)
		if err != nil || len(all) != n {
			t.Fatalf("%d entries, %v; want %d", len(all), err, n)
		}
		for i, e := range all {
			want := entry(uint64(i + 1))
			if e.Index != want.Index || e.Epoch != want.Epoch || e.ID != want.ID || !bytes.Equal(e.Payload, want.Payload) {
				t.Errorf("entry %+v, want %+v", e, want)
			}
		}
	}
}

// A new snapshot takes the place of the last one only once it is whole.
func TestTheLastOneStaysUntilTheNextIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), Folder)
	if _, ok, err := Last(dir); ok || err != nil {
		t.Fatalf("none was taken, and there is one: %v, %v", ok, err)
	}
	keep(t, dir, 3, time.Now())
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Put(entry(1)); err != nil {
		t.Fatal(err)
	}
	if all, err := read(t, dir); err != nil || len(all) != 3 {
		t.Errorf("while the next is written: %d, %v", len(all), err)
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("swept, and there are %d files", len(left))
	}
	keep(t, dir, 5, time.Now())
	if all, err := read(t, dir); err != nil || len(all) != 5 {
		t.Errorf("after the next: %d, %v", len(all), err)
	}
	if err := errors.Join(Remove(dir), Remove(dir)); err != nil {
		t.Error(err)
	}
	if _, ok, _ := Last(dir); ok {
		t.Error("removed, and it is there")
	}
}

// Whatever byte is another than was written, and wherever the file ends early, reading it
// says so: what it was loaded into does not count.
func TestEveryDamageIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), Folder)
	keep(t, dir, 3, time.Unix(1, 2))
	path := filepath.Join(dir, name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for what, b := range map[string][]byte{"flipped": append(append(bytes.Clone(whole[:i]), whole[i]^0x10), whole[i+1:]...), "cut": whole[:i]} {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := read(t, dir); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d of %d %s: %v", i, len(whole), what, err)
			}
		}
	}
}

// Entries come from the first, without a gap; who takes them may stop, with an error of its own.
func TestEntriesComeInOrder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), Folder)
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Put(entry(2)); err == nil {
		t.Error("the second entry was taken first")
	}
	if err := w.Drop(); err != nil {
		t.Error(err)
	}
	keep(t, dir, 4, time.Now())
	full := errors.New("disk full")
	seen := 0
	if err := Read(dir, func(store.Entry) error {
		seen++
		return full
	}); !errors.Is(err, full) || errors.Is(err, ErrDamaged) || seen != 1 {
		t.Errorf("%v after %d", err, seen)
	}
}
