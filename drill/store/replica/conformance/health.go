package conformance

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

var healthCases = []testCase{
	{"an authority that hangs says so", func(l *lab) { anAuthorityThatHangs(l, l.engine.Hang) }},
	{"an authority that nobody writes to", anIdleAuthorityThatHangs},
	{"a disk that refuses", func(l *lab) { aDiskThatRefuses(l, l.engine.Refuse) }},
	{"a disk that refuses beyond the lease", aDiskThatRefusesBeyondTheLease},
	{"a follower that applies nothing", func(l *lab) { aFollowerThatAppliesNothing(l, l.engine.Hang) }},
	{"an authority whose disk is made to hang", func(l *lab) { anAuthorityThatHangs(l, onPurpose(store.DiskHangs)) }},
	{"an authority whose disk is made full", func(l *lab) { aDiskThatRefuses(l, onPurpose(store.DiskFull)) }},
	{"a follower whose disk is made to hang", func(l *lab) { aFollowerThatAppliesNothing(l, onPurpose(store.DiskHangs)) }},
	{"a follower whose disk is made full", func(l *lab) { aFollowerThatAppliesNothing(l, onPurpose(store.DiskFull)) }},
	{"who hangs on purpose can be closed", whoHangsCanBeClosed},
	{"who waits for others does not hang", whoWaitsForOthersDoesNotHang},
}

const (
	// hung is for how long writes must have hung before a case believes it.
	hung = 1200 * time.Millisecond
	// answersWithin is how long a replica that hangs may take for its status.
	answersWithin = time.Second
)

// onPurpose breaks a replica's disk as a drill does, and looks that a write shows it: while it is broken, and once it works.
func onPurpose(fault store.DiskFault) func(testing.TB, Replica) func() {
	return func(t testing.TB, r Replica) func() {
		t.Helper()
		breakable, is := r.(store.Breakable)
		if !is {
			t.Fatal("this engine's disk can't be broken on purpose")
		}
		tried := func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 5*answersWithin)
			defer cancel()
			return breakable.TryDisk(ctx)
		}
		if err := tried(); err != nil {
			t.Errorf("before: %v", err)
		}
		if err := breakable.BreakDisk(t.Context(), fault); err != nil {
			t.Fatal(err)
		}
		switch err := tried(); {
		case fault == store.DiskFull && !errors.Is(err, syscall.ENOSPC), fault == store.DiskHangs && !errors.Is(err, context.DeadlineExceeded):
			t.Errorf("a write to a disk that %s ends with %v", fault, err)
		}
		return func() {
			if err := breakable.BreakDisk(context.Background(), store.DiskWorks); err != nil {
				t.Error(err)
			}
			if err := tried(); err != nil && !errors.Is(err, store.ErrClosed) {
				t.Errorf("a write to a disk that works again ends with %v", err)
			}
		}
	}
}

// breaks has something break a replica for as long as the case runs, or until mended.
func breaks(l *lab, what func(testing.TB, Replica) func(), region string) (mend func()) {
	l.t.Helper()
	if what == nil {
		l.t.Skip("this engine has no such fault here")
	}
	resume, done := what(l.t, l.at(region)), false
	mend = func() {
		if !done {
			done = true
			resume()
		}
	}
	l.t.Cleanup(mend)
	return mend
}

// stalls waits until a region says that its writes don't get through, and looks that it says so at once.
func stalls(l *lab, region string) store.Status {
	l.t.Helper()
	var s store.Status
	l.until(region+" says that its writes don't get through", func() bool {
		began := time.Now()
		ctx, cancel := context.WithTimeout(l.t.Context(), answersWithin)
		defer cancel()
		var err error
		s, err = l.at(region).Status(ctx)
		if took := time.Since(began); err != nil || took > 2*answersWithin {
			l.t.Fatalf("its status took %s, %v", took, err)
		}
		return s.Stalled >= hung
	})
	if s.StalledBy == "" {
		l.t.Errorf("it does not say why: %+v", s)
	}
	return s
}

func flows(l *lab, region string) {
	l.t.Helper()
	l.until(region+"'s writes get through again", func() bool { return l.status(region).Stalled == 0 })
}

func anAuthorityThatHangs(l *lab, hang func(testing.TB, Replica) func()) {
	l.led(async, "east", "west")
	l.write("east", "a")
	l.current("east", "west")
	mend := breaks(l, hang, "east")
	ctx, cancel := context.WithTimeout(l.t.Context(), l.engine.Within)
	defer cancel()
	answered := l.begin(ctx, "east", "b")
	stalls(l, "east")
	// It is fenced all the same, though it may be unable to keep that, and to say what it holds.
	limited, end := context.WithTimeout(l.t.Context(), time.Second)
	began := time.Now()
	err := l.at("east").Fence(limited, l.epoch+1)
	end()
	if took := time.Since(began); took > 3*time.Second {
		l.t.Errorf("the fence took %s: %v", took, err)
	}
	select {
	case err := <-answered:
		if err == nil {
			l.t.Error("a write that hung was acknowledged after the fence")
		}
	case <-time.After(2 * l.engine.Within):
		l.t.Error("a write that hung has no answer after the fence")
	}
	// Another leads; what hung comes back, and is none of its history.
	l.epoch++
	l.lead("west")
	l.write("west", "c")
	limited, end = context.WithTimeout(l.t.Context(), time.Second)
	_ = l.at("east").Follow(limited, "west", l.epoch) // it may hang
	end()
	mend()
	if err := l.try("east", "d"); !errors.Is(err, store.ErrFenced) && !errors.Is(err, store.ErrNotAuthority) {
		l.t.Errorf("after the hang it takes a write: %v", err)
	}
	l.until("it follows the new authority", func() bool {
		ctx, cancel := context.WithTimeout(l.t.Context(), time.Second)
		defer cancel()
		return l.at("east").Follow(ctx, "west", l.epoch) == nil
	})
	flows(l, "east")
	l.current("west", "east")
	if got := ids(l.contents("east")); got != "a,c" {
		l.t.Errorf("it holds %s", got)
	}
}

func anIdleAuthorityThatHangs(l *lab) {
	l.open("east")
	l.lead("east")
	position := l.status("east").Entries
	mend := breaks(l, l.engine.Hang, "east")
	stalls(l, "east")
	mend()
	flows(l, "east")
	l.write("east", "a")
	if s := l.status("east"); s.Entries != position+1 {
		l.t.Errorf("it holds %d entries after one write: what probes it is none", s.Entries)
	}
}

func aDiskThatRefuses(l *lab, refuse func(testing.TB, Replica) func()) {
	l.open("east")
	l.lead("east")
	l.write("east", "a")
	mend := breaks(l, refuse, "east")
	stored := "a"
	l.until("it refuses", func() bool { // a server takes new settings up between two statements
		id := fmt.Sprint("b", len(stored))
		if l.try("east", id) != nil {
			return true
		}
		stored += "," + id
		return false
	})
	stalls(l, "east")
	mend()
	l.until("it takes writes again", func() bool { return l.try("east", "c") == nil })
	flows(l, "east")
	if got := ids(l.contents("east")); got != stored+",c" {
		l.t.Errorf("it holds %s", got)
	}
}

// Nobody's write can be stored once the lease is over, and the disk works again all the same:
// a region that is left alone has to be known to be well before it can lead.
func aDiskThatRefusesBeyondTheLease(l *lab) {
	l.open("east")
	l.must(l.at("east").Promote(l.ctx(), 1))
	l.must(l.at("east").Grant(l.ctx(), 1, l.status("east").Clock, lease))
	l.write("east", "a")
	mend := breaks(l, l.engine.Refuse, "east")
	n := 0
	l.until("it refuses", func() bool {
		n++
		return l.try("east", fmt.Sprint("b", n)) != nil
	})
	stalls(l, "east")
	l.clocks["east"].leap(lease)
	l.want("append at the end of the lease", l.try("east", "c"), store.ErrFenced)
	stalls(l, "east")
	mend()
	flows(l, "east")
}

func aFollowerThatAppliesNothing(l *lab, hang func(testing.TB, Replica) func()) {
	l.led(async, "east", "west", "south")
	l.write("east", "a")
	l.current("east", "west", "south")
	mend := breaks(l, hang, "west")
	l.write("east", "b", "c")
	stalls(l, "west")
	for _, region := range []string{"east", "south"} {
		if s := l.status(region); s.Stalled != 0 {
			l.t.Errorf("%s says that it hangs: %+v", region, s)
		}
	}
	l.current("east", "south")
	mend()
	l.current("east", "west")
	flows(l, "west")
}

// A write that waits for a region that is gone is not the disk's fault.
func whoWaitsForOthersDoesNotHang(l *lab) {
	l.led(syncWith("west"), "east", "west")
	l.write("east", "a")
	l.network.set("west", "east", true)
	ctx, cancel := context.WithTimeout(l.t.Context(), l.engine.Within)
	defer cancel()
	answered := l.begin(ctx, "east", "b")
	l.until("a write waits", func() bool { return l.status("east").Waiting == 1 })
	for end := time.Now().Add(2 * hung); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if s := l.status("east"); s.Stalled >= hung {
			l.t.Fatalf("it says that it hangs: %+v", s)
		}
	}
	l.network.set("west", "east", false)
	l.want("the write that waited", <-answered, nil)
}

// Its region ends, and comes back with a disk that works: a fault on purpose lasts no longer than the process.
func whoHangsCanBeClosed(l *lab) {
	l.open("east")
	l.lead("east")
	l.write("east", "a")
	onPurpose(store.DiskHangs)(l.t, l.at("east"))
	l.restart("east")
	l.epoch++
	l.lead("east")
	l.write("east", "b")
	if got := ids(l.contents("east")); got != "a,b" {
		l.t.Errorf("it holds %s", got)
	}
}
