package conformance

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

var reseedCases = []testCase{
	{"copied anew", copiedAnew},
	{"seeding is not promotable", seedingIsNotPromotable},
	{"preloaded", preloaded},
	{"preload of one that has an authority", preloadOfOneThatHasAnAuthority},
}

func copiedAnew(l *lab) {
	l.led(async, "east", "west")
	l.write("east", "a", "b")
	l.current("east", "west")
	l.reported("east", "west")
	if err := l.at("east").Reseed(l.ctx()); err == nil {
		l.t.Fatal("an authority dropped what it has")
	}
	l.must(l.at("west").Reseed(l.ctx()))
	l.write("east", "c")
	l.current("east", "west")
	if s := l.status("west"); s.Cut != nil || s.Copied <= 0 {
		l.t.Errorf("copied anew it says %+v", s)
	}
	// It is whole: it may lead.
	l.lead("west")
	l.write("west", "d")
	if got := ids(l.contents("west")); got != "a,b,c,d" {
		l.t.Errorf("it holds %s", got)
	}
}

// What a replica once reported, and dropped, it must have again before it is promoted,
// restarts or not.
func seedingIsNotPromotable(l *lab) {
	l.led(syncWith("west"), "east", "west")
	l.write("east", "a")
	l.current("east", "west")
	l.network.set("west", "east", true)
	l.must(l.at("west").Reseed(l.ctx()))
	if s := l.status("west"); !s.Seeding || s.Role != role.Follower {
		l.t.Errorf("dropped, it says %+v", s)
	}
	l.want("promote what lacks everything", l.at("west").Promote(l.ctx(), l.epoch+1), store.ErrSeeding)
	l.restart("west")
	if s := l.status("west"); !s.Seeding {
		l.t.Errorf("opened anew it says %+v", s)
	}
	l.want("promote it after a restart", l.at("west").Promote(l.ctx(), l.epoch+1), store.ErrSeeding)
	l.network.set("west", "east", false)
	l.follow("east", "west")
	l.current("east", "west")
	l.write("east", "b")
	l.lead("west")
	if got := ids(l.contents("west")); got != "a,b" {
		l.t.Errorf("promoted it holds %s", got)
	}
}

func preloaded(l *lab) {
	const weight = 3 * store.PreloadEntry
	l.open("east", "west")
	for range 2 { // the second one finds it there
		for _, region := range l.regions {
			l.must(l.at(region).Preload(l.ctx(), weight, region == "east"))
		}
	}
	if s := l.status("east"); s.Bytes != weight || s.Entries != 3 || s.LastIn != store.PreloadEpoch {
		l.t.Fatalf("preloaded it says %+v", s)
	}
	l.epoch = store.PreloadEpoch
	l.lead("east")
	l.write("east", "a")
	l.follow("east", "west")
	l.current("east", "west")
	for i, e := range l.contents("west")[:3] {
		if index := uint64(i) + 1; e.ID != store.PreloadID(index) || !slices.Equal(e.Payload, store.PreloadPayload(dataset, index)) {
			l.t.Errorf("entry %d is %s", index, e.ID)
		}
	}
}

// Whoever joins a fleet that was left up preloads every region first: one that leads or
// follows, or did, is left as it is, and that is no error.
func preloadOfOneThatHasAnAuthority(l *lab) {
	const weight = 3 * store.PreloadEntry
	l.open("east", "west", "south")
	for _, region := range []string{"east", "west"} {
		l.must(l.at(region).Preload(l.ctx(), weight, region == "east"))
	}
	l.epoch = store.PreloadEpoch
	l.lead("east")
	l.follow("east", "west", "south")
	l.current("east", "west", "south")
	for _, region := range l.regions {
		l.must(l.at(region).Preload(l.ctx(), 2*weight, true))
		if s := l.status(region); s.Entries != 3 || s.Epoch != 2 {
			l.t.Errorf("%s was left with %d entries in epoch %d, want 3 in 2", region, s.Entries, s.Epoch)
		}
	}
	l.write("east", "a")
	l.current("east", "west", "south")
	for _, region := range []string{"east", "west"} {
		r := l.restart(region)
		l.must(r.Preload(l.ctx(), 2*weight, true))
		if s := l.status(region); s.Entries != 4 {
			l.t.Errorf("opened anew %s was left with %d entries, want 4", region, s.Entries)
		}
	}
}
