package log

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A disk that has room for a probe of some bytes, and none for the write that it refused, is not said to work: else a leader
// would be moved to one that can't store what users send, and back.
func TestAProbeIsAsLargeAsWhatWasRefused(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("SKIPPED: a small disk can't be mounted here (%v); it wants root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	r, err := Open(Config{Dir: filepath.Join(dir, "orders"), Dataset: "orders", Region: "east", Run: "run"})
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	must(t, r.Configure(t.Context(), topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Regions: []string{"east"}}))
	lead(t, r, 1)
	write(t, r, "small")
	filler := filepath.Join(dir, "filler")
	must(t, os.WriteFile(filler, make([]byte, 3<<20+512<<10), 0o600))
	_, err = r.Append(t.Context(), store.Write{ID: "large", Payload: bytes.Repeat([]byte("p"), 1<<20)})
	want(t, "a write for which there is no room", err, syscall.ENOSPC)
	must(t, r.Fence(t.Context(), 2)) // this small one fits
	for end := time.Now().Add(1200 * time.Millisecond); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		r.contents.retry(t.Context())
	}
	if s := status(t, r); s.Stalled < time.Second || s.Error == "" {
		t.Fatalf("a disk without room for what it refused is said to work: %+v", s)
	}
	must(t, os.Remove(filler))
	r.contents.retry(t.Context())
	if s := status(t, r); s.Stalled != 0 || s.Error != "" {
		t.Errorf("with room again: %+v", s)
	}
	lead(t, r, 3)
	if _, err := r.Append(t.Context(), store.Write{ID: "large", Payload: bytes.Repeat([]byte("p"), 1<<20)}); err != nil {
		t.Errorf("what it had room for: %v", err)
	}
	sound(t, r)
}
