package conformance

import (
	"math"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var leaseCases = []testCase{
	{"a lease", aLease},
	{"a lease is of one run", aLeaseIsOfOneRun},
	{"epochs", epochs},
	{"epochs outlive the process", epochsOutliveTheProcess},
	{"a follower does not lead", aFollowerDoesNotLead},
	{"once fenced nothing is acknowledged", fencedUnderLoad},
	{"configured with what it can't keep", configured},
	{"closed", closed},
}

// lease is longer than any case takes, so that only a clock that is made to leap ends it.
const lease = 10 * time.Minute

func aLease(l *lab) {
	l.open("east")
	r, clock := l.at("east"), l.clocks["east"]
	if s := l.status("east"); s.Role != role.Fenced || s.Epoch != 0 || s.Entries != 0 {
		l.t.Errorf("opened it says %+v", s)
	}
	l.want("append before any promotion", l.try("east", "a"), store.ErrFenced)
	l.must(r.Promote(l.ctx(), 1))
	l.want("append before any grant", l.try("east", "a"), store.ErrFenced)
	if is := l.status("east").Role; is != role.Fenced {
		l.t.Errorf("promoted without a lease it says %s", is)
	}

	first := l.status("east").Clock
	l.must(r.Grant(l.ctx(), 1, first, lease))
	l.want("append within the lease", l.try("east", "a"), nil)
	clock.leap(lease - time.Minute)
	if s := l.status("east"); s.Role != role.Authority || s.LeaseLeft <= 0 || s.LeaseLeft > time.Minute {
		l.t.Errorf("before the end it says %s, %s left", s.Role, s.LeaseLeft)
	}
	l.want("append before the end", l.try("east", "b"), nil)
	clock.leap(time.Minute)
	if s := l.status("east"); s.Role != role.Fenced || s.LeaseLeft != 0 || s.Epoch != 1 {
		l.t.Errorf("at the end it says %s, %s left, epoch %d", s.Role, s.LeaseLeft, s.Epoch)
	}
	l.want("append at the end", l.try("east", "c"), store.ErrFenced)

	// A grant that lay in a queue while the process was frozen is counted from the
	// old reading, so it gives nothing now.
	l.must(r.Grant(l.ctx(), 1, first, lease))
	l.want("append on a grant that lay in a queue", l.try("east", "c"), store.ErrFenced)

	second := l.status("east").Clock
	l.must(r.Grant(l.ctx(), 1, second, lease))
	l.must(r.Grant(l.ctx(), 1, first, lease))
	if left := l.status("east").LeaseLeft; left < lease-time.Minute {
		l.t.Errorf("an overtaken grant moved the lease to %s", left)
	}
	l.want("grant in an epoch that it does not lead", r.Grant(l.ctx(), 2, second, lease), store.ErrNotAuthority)
	future := second
	future.Reading += int64(time.Hour)
	l.want("grant on a reading never given", r.Grant(l.ctx(), 1, future, lease), store.ErrStaleClock)
	l.must(r.Grant(l.ctx(), 1, second, math.MaxInt64))
	if left := l.status("east").LeaseLeft; left <= 1<<60 {
		l.t.Errorf("the longest lease overflowed to %s", left)
	}
	l.must(r.Promote(l.ctx(), 1))
	l.want("append after the same promotion once more", l.try("east", "d"), nil)
	l.must(r.Promote(l.ctx(), 2))
	l.want("append in a new epoch on the old lease", l.try("east", "e"), store.ErrFenced)
}

func aLeaseIsOfOneRun(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	before := l.status("east").Clock
	l.write("east", "a", "b")
	held := l.contents("east")
	r := l.restart("east")
	if s := l.status("east"); s.Role != role.Fenced || s.Epoch != 1 || s.Entries != 2 || s.LastIn != 1 || s.Clock.Run == before.Run {
		l.t.Errorf("after a restart it says %+v", s)
	}
	if got := l.contents("east"); !same(got, held) {
		l.t.Errorf("after a restart it holds %s, before %s", ids(got), ids(held))
	}
	l.want("append after a restart", l.try("east", "c"), store.ErrFenced)
	l.want("grant to the run before", r.Grant(l.ctx(), 1, before, lease), store.ErrStaleClock)
	l.want("append after that", l.try("east", "c"), store.ErrFenced)
	l.must(r.Promote(l.ctx(), 1))
	l.want("append when promoted again to the same epoch", l.try("east", "c"), store.ErrFenced)
	l.grant("east", lease)
	l.want("append with a lease of this run", l.try("east", "c"), nil)
}

func epochs(l *lab) {
	l.open("east", "west")
	r := l.at("east")
	l.epoch = 2
	l.lead("east") // 3
	l.write("east", "a")
	l.want("promote below", r.Promote(l.ctx(), 2), store.ErrStaleEpoch)
	l.want("promote to none", r.Promote(l.ctx(), 0), store.ErrStaleEpoch)
	l.want("fence below", r.Fence(l.ctx(), 2), store.ErrStaleEpoch)
	l.want("grant below", r.Grant(l.ctx(), 2, l.status("east").Clock, time.Hour), store.ErrStaleEpoch)
	l.want("follow below", r.Follow(l.ctx(), "west", 2), store.ErrStaleEpoch)
	if err := r.Follow(l.ctx(), "west", 3); err == nil {
		l.t.Error("it follows another region in the epoch that it leads itself")
	}
	if err := r.Follow(l.ctx(), "east", 4); err == nil {
		l.t.Error("it follows itself")
	}
	if got := r.Epoch(); got != 3 {
		l.t.Errorf("what was refused changed its epoch to %d", got)
	}
	l.must(r.Fence(l.ctx(), 3))
	l.want("append after a fence below its own epoch", l.try("east", "b"), nil)
	l.must(r.Fence(l.ctx(), 5))
	l.want("append when fenced", l.try("east", "c"), store.ErrFenced)
	l.want("grant when fenced", r.Grant(l.ctx(), 3, l.status("east").Clock, time.Hour), store.ErrStaleEpoch)
	if s := l.status("east"); s.Role != role.Fenced || s.Epoch != 5 || s.LastIn != 3 || r.Epoch() != 5 {
		l.t.Errorf("fenced it says %+v", s)
	}
	l.want("promote below the fence", r.Promote(l.ctx(), 4), store.ErrStaleEpoch)
}

func epochsOutliveTheProcess(l *lab) {
	l.open("east", "west")
	l.epoch = 2
	l.lead("east") // 3
	l.write("east", "a", "b")
	l.must(l.at("east").Fence(l.ctx(), 5))
	r := l.restart("east")
	if s := l.status("east"); s.Epoch != 5 || r.Epoch() != 5 {
		l.t.Errorf("the fence was forgotten: epoch %d", s.Epoch)
	}
	l.want("promote below the fence after a restart", r.Promote(l.ctx(), 4), store.ErrStaleEpoch)
	l.want("promote the old epoch after a restart", r.Promote(l.ctx(), 3), store.ErrStaleEpoch)
	// A controller fences all replicas with the next epoch and then promotes one in it.
	l.epoch = 4
	l.lead("east") // 5
	l.write("east", "c")
	l.follow("east", "west")
	l.current("east", "west")
}

func aFollowerDoesNotLead(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east", "west")
	l.write("east", "a")
	l.current("east", "west")
	west := l.at("west")
	l.want("promote in an epoch that another region leads", west.Promote(l.ctx(), l.epoch), store.ErrStaleEpoch)
	l.want("append to a follower", l.try("west", "x"), store.ErrNotAuthority)
	l.want("grant to a follower", west.Grant(l.ctx(), l.epoch, l.status("west").Clock, time.Hour), store.ErrNotAuthority)
	west = l.restart("west")
	l.want("the same after a restart", west.Promote(l.ctx(), l.epoch), store.ErrStaleEpoch)
	l.want("append to a former follower after a restart", l.try("west", "x"), store.ErrFenced)
	l.follow("east", "west")
	l.current("east", "west")
}

// Once Fence has returned, nothing more is acknowledged: all that ever was is there.
func fencedUnderLoad(l *lab) {
	l.open("east")
	for range 4 {
		l.lead("east")
		var mu sync.Mutex
		acked := map[string]bool{}
		var writers sync.WaitGroup
		for w := range 8 {
			writers.Go(func() {
				for i := 0; ; i++ {
					id := idOf(l.epoch, w, i)
					if err := l.try("east", id); err != nil {
						l.want("append when fenced", err, store.ErrFenced)
						return
					}
					mu.Lock()
					acked[id] = true
					mu.Unlock()
					time.Sleep(time.Millisecond) // virtual time stands still while anybody works
				}
			})
		}
		l.until("writes flow", func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) > 20 })
		l.must(l.at("east").Fence(l.ctx(), l.epoch+1))
		there := map[string]bool{}
		for _, e := range l.contents("east") {
			there[e.ID] = true
		}
		writers.Wait()
		for id := range acked {
			if !there[id] {
				l.t.Fatalf("epoch %d: %s was acknowledged, and was not there when the fence had returned", l.epoch, id)
			}
		}
	}
}

func configured(l *lab) {
	l.open("east")
	r := l.at("east")
	regions := []string{"east", "west", "south"}
	for _, d := range []topology.Dataset{
		{Mode: ""}, {Mode: "eventual"}, {Mode: topology.ModeSync}, {Mode: topology.ModeSync, With: "nowhere", Regions: regions},
		{Mode: topology.ModeQuorum, Regions: regions[1:]}, {Mode: topology.ModeAsync, Also: &topology.Durability{Mode: topology.ModeSync}, Regions: regions},
	} {
		d.Name = dataset
		l.want("mode "+string(d.Mode)+" with "+d.With, r.Configure(l.ctx(), d), store.ErrMode)
	}
	if err := r.Configure(l.ctx(), topology.Dataset{Name: "carts", Mode: topology.ModeAsync}); err == nil {
		l.t.Error("configured for another dataset")
	}
	if mode := l.status("east").Mode; mode != topology.ModeAsync {
		l.t.Errorf("what was refused changed the mode to %q", mode)
	}
}

func closed(l *lab) {
	l.led(topology.Durability{Mode: topology.ModeAsync}, "east")
	l.write("east", "a")
	r := l.at("east")
	clock := l.status("east").Clock
	l.must(r.Close())
	l.must(r.Close())
	l.want("append when closed", l.try("east", "b"), store.ErrClosed)
	l.want("promote when closed", r.Promote(l.ctx(), 9), store.ErrClosed)
	l.want("follow when closed", r.Follow(l.ctx(), "west", 9), store.ErrClosed)
	l.want("grant when closed", r.Grant(l.ctx(), 1, clock, time.Hour), store.ErrClosed)
	l.want("configure when closed", r.Configure(l.ctx(), l.spec), store.ErrClosed)
	_, err := r.Status(l.ctx())
	l.want("status when closed", err, store.ErrClosed)
	if _, _, err := r.Lookup(l.ctx(), "a"); err == nil {
		l.t.Error("looked up when closed")
	}
}
