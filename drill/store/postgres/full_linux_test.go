package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// small gives a region below dir a disk of its own, of so many bytes.
func small(t *testing.T, dir, region string, bytes string) string {
	t.Helper()
	disk := filepath.Join(dir, region)
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+bytes); err != nil {
		t.Skipf("SKIPPED: a small disk can't be mounted here (%v); it wants root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// An authority whose disk is full says so by name, and answers all the while; once there is
// room it takes writes again, and has what it acknowledged.
func TestAFullDisk(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_POSTGRES") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_POSTGRES is not set; it runs PostgreSQL servers (make test-postgres)")
	}
	dir := t.TempDir()
	disk := small(t, dir, "a", "120m")
	l := newLabIn(t, dir, topology.ModeAsync, "", "a", "b")
	l.lead("a")
	l.follow("a", "b")
	l.write("a", 10)
	l.current("a", "b")
	filler := filepath.Join(disk, "filler")
	file, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 1<<16); err == nil; {
		_, err = file.Write(block)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := 10
	try := func(bytesEach int) {
		ctx, cancel := context.WithTimeout(l.ctx(), time.Second)
		defer cancel()
		l.written++
		if _, err := l.at("a").Append(ctx, store.Write{ID: fmt.Sprintf("try-%d", l.written), Payload: bytes.Repeat([]byte("p"), bytesEach)}); err == nil {
			acknowledged++
		}
	}
	l.until("it says that its disk is full", func() bool {
		try(1 << 19)
		began := time.Now()
		s := l.status("a")
		if took := time.Since(began); took > time.Second {
			t.Errorf("its status took %s", took)
		}
		return s.Stalled >= time.Second && strings.Contains(s.StalledBy, "No space left on device")
	})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	// Users go on to write: a probe needs less room than they, and proves less.
	l.until("it takes writes again", func() bool { try(1); return l.status("a").Stalled == 0 })
	l.write("a", 5)
	l.current("a", "b")
	l.equal("a", "b")
	if got := len(l.contents("a")); got < acknowledged+5 {
		t.Errorf("it holds %d entries, %d were acknowledged", got, acknowledged+5)
	}
}
