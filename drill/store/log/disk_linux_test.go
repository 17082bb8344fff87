package log

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// swap finds the descriptor of a replica's file, and returns what puts /dev/full
// in its place, so that every write is answered as by a full disk, and back.
func swap(t testing.TB, r *Replica) (full, back func()) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	fd := -1
	for _, e := range fds {
		var n int
		for _, digit := range e.Name() {
			n = 10*n + int(digit-'0')
		}
		if to, _ := os.Readlink(filepath.Join("/proc/self/fd", e.Name())); to == r.contents.disk.path {
			fd = n
		}
	}
	if fd < 0 {
		t.Fatalf("no descriptor of %s", r.contents.disk.path)
	}
	keep, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	must(t, err)
	device, err := unix.Open("/dev/full", unix.O_RDWR|unix.O_CLOEXEC, 0)
	must(t, err)
	full = func() { must(t, unix.Dup3(device, fd, unix.O_CLOEXEC)) }
	var once sync.Once
	back = func() { once.Do(func() { must(t, unix.Dup3(keep, fd, unix.O_CLOEXEC)) }) }
	t.Cleanup(func() {
		back()
		must(t, unix.Close(keep))
		must(t, unix.Close(device))
	})
	return full, back
}

func TestFullDisk(t *testing.T) {
	f := newFleet(t, nil, "east")
	r := f.at("east")
	full, back := swap(t, r)
	lead(t, r, 1)
	write(t, r, "a", "b")
	before := entriesOf(t, r)
	full()
	for range 3 {
		err := tryWrite(r, "c")
		want(t, "append to a full disk", err, syscall.ENOSPC)
		if err == nil || !strings.Contains(err.Error(), r.contents.disk.path) {
			t.Errorf("the error does not name the file: %v", err)
		}
	}
	if s := status(t, r); !strings.Contains(s.Error, "no space left") || s.Position != 2 {
		t.Errorf("it says %+v", s)
	}
	if !sameLog(entriesOf(t, r), before) {
		t.Error("the log is another")
	}
	// A fence holds although it can't be written down.
	want(t, "fence on a full disk", r.Fence(t.Context(), 2), syscall.ENOSPC)
	want(t, "append when fenced on a full disk", tryWrite(r, "d"), store.ErrFenced)
	want(t, "promote on a full disk", r.Promote(t.Context(), 3), syscall.ENOSPC)
	want(t, "append after that", tryWrite(r, "d"), store.ErrFenced)

	// Nobody writes, and it recovers by itself, with the fence on disk.
	back()
	until(t, "the error is over", func() bool { return status(t, r).Error == "" })
	r = f.restart("east")
	if s := status(t, r); s.Epoch != 2 || s.Position != 2 {
		t.Errorf("after a restart it says %+v", s)
	}
	lead(t, r, 3)
	write(t, r, "c", "d")
	sound(t, r)
}

// A follower's disk is full when it has exported its tail and would cut it.
func TestFullDiskAtCut(t *testing.T) {
	f := newFleet(t, nil, "east", "west")
	east, west := f.at("east"), f.at("west")
	fill(t, east, "1:a 2:b")
	fill(t, west, "1:a,x,y")
	lead(t, east, 3)
	f.set("west", "east", "silent")
	must(t, west.Follow(t.Context(), "east", 3))
	full, back := swap(t, west)
	full()
	f.set("west", "east", "")
	until(t, "it says that it can't cut", func() bool { return strings.Contains(status(t, west).Error, "no space left") })
	if got := ids(entriesOf(t, west)); got != "a,x,y" || status(t, west).Cut != nil {
		t.Errorf("it has %s, cut %+v", got, status(t, west).Cut)
	}
	back()
	untilEqual(t, west, east)
	if cut := status(t, west).Cut; cut == nil || ids(exported(t, cut.Exported)) != "x,y" {
		t.Errorf("cut %+v", cut)
	}
	until(t, "the error is over", func() bool { return status(t, west).Error == "" })
}
