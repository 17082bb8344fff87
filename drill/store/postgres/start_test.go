package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A first creation that is broken off leaves a replica as new: it can be promoted, and
// can follow.
func TestACreationThatIsBrokenOff(t *testing.T) {
	l := newLab(t, topology.ModeAsync, "", "a", "b")
	for _, region := range []string{"a", "b"} {
		r := l.at(region)
		ctx, cancel := context.WithCancel(l.ctx())
		defer cancel()
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(filepath.Join(r.server.At().Data(), "PG_VERSION")); err == nil {
					cancel()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		if err := r.Promote(ctx, 1); err == nil {
			t.Fatal("it was promoted before it could be broken off")
		}
		if s := l.status(region); s.Error != "" || s.Seeding || s.Entries != 0 {
			t.Fatalf("%+v", s)
		}
	}
	l.lead("a")
	l.follow("a", "b")
	l.write("a", 3)
	l.current("a", "b")
	l.equal("a", "b")
}

// A replica on whose data no server starts is there nevertheless: following replaces
// the data, by itself and by a reseed.
func TestDataThatNoServerStartsOn(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b")
	for _, reseed := range []bool{false, true} {
		l.stop("b")
		if err := os.RemoveAll(filepath.Join(l.dir, "b", "pg", "data", "global")); err != nil {
			t.Fatal(err)
		}
		b := l.open("b")
		if s := l.status("b"); !s.Mute || s.Seeding || !s.Unread || !strings.Contains(s.Error, "start the server") {
			t.Fatalf("%+v", s)
		}
		if err := b.Fence(l.ctx(), l.epoch); err == nil {
			t.Fatal("it is fenced as if what it holds were known")
		}
		if err := b.Promote(l.ctx(), l.epoch+1); err == nil {
			t.Fatal("it was promoted")
		}
		l.follow("a", "b")
		if reseed {
			if err := b.Reseed(l.ctx()); err != nil {
				t.Fatal(err)
			}
		}
		l.write("a", 3)
		l.current("a", "b")
		l.equal("a", "b")
		// What could not be exported is set aside and told of, unless it was to be dropped.
		aside := b.server.At().Aside()
		_, err := os.Stat(filepath.Join(aside, "PG_VERSION"))
		if s := l.status("b"); !reseed && (err != nil || s.Cut == nil || s.Cut.Exported != aside) {
			t.Fatalf("%v, %+v", err, s.Cut)
		}
	}
}

// A server whose process is just started anew has a position that is not known yet:
// Fence waits for it, or says so.
func TestFenceWaitsForAServerThatIsStarted(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b")
	b := l.at("b")
	short, stop := context.WithTimeout(l.ctx(), 10*time.Second)
	defer stop()
	if err := b.Fence(short, l.epoch); err != nil { // it goes on copying in that epoch
		t.Fatal(err)
	}
	turn, err := b.database.take(l.ctx()) // so that nobody starts it
	if err != nil {
		t.Fatal(err)
	}
	p := b.server.Process()
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	ctx, cancel := context.WithTimeout(l.ctx(), 300*time.Millisecond)
	defer cancel()
	if err := b.Fence(ctx, l.epoch+1); err == nil || !strings.Contains(err.Error(), "being started") {
		t.Fatalf("%v", err)
	}
	turn.give()
	if err := b.Fence(l.ctx(), l.epoch+1); err != nil {
		t.Fatal(err)
	}
	if s := l.status("b"); s.Seeding || s.Entries != 5 || s.Position == 0 {
		t.Fatalf("%+v", s)
	}
}

// other is a process of the server's user that is no server.
func (l *lab) other() int {
	l.Helper()
	own, err := server.FindAccount()
	if err != nil {
		l.Fatal(err)
	}
	cmd := exec.Command("sleep", "600")
	cmd.SysProcAttr = own.Attributes()
	started := make(chan error)
	var over sync.WaitGroup
	over.Go(func() {
		runtime.LockOSThread() // it ends with the thread that starts it
		started <- cmd.Start()
		_ = cmd.Wait()
	})
	if err := <-started; err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = cmd.Process.Kill(); over.Wait() })
	return cmd.Process.Pid
}

// The lock file of a container that was killed names a number that is another process's
// in this one.
func TestAStaleLockFile(t *testing.T) {
	l := newLab(t, topology.ModeAsync, "", "a")
	l.lead("a")
	l.write("a", 3)
	l.stop("a")
	path := filepath.Join(l.dir, "a", "pg", "data", "postmaster.pid")
	lock := fmt.Sprintf("%d\n%s\n", l.other(), filepath.Dir(path))
	if err := os.WriteFile(path, []byte(lock), 0o600); err != nil {
		t.Fatal(err)
	}
	own, err := server.FindAccount()
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Give(path); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	l.open("a")
	if s, took := l.status("a"), time.Since(began); s.Error != "" || s.Entries != 3 || took > 40*time.Second {
		t.Fatalf("after %s: %+v", took, s)
	}
}
