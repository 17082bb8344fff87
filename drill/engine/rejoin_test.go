package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// returnLab is a keeper of two regions, b leading, that hears only what the test says.
type returnLab struct {
	*keeper
	clock time.Time
}

func newReturnLab() *returnLab {
	l := &returnLab{clock: time.Unix(0, 0)}
	spine := newSpine(func() time.Time { return l.clock }, &memoryJournal{}, func(error) {})
	l.keeper = &keeper{
		spine: spine, watch: newWatch(nil, spine.now, nil, nil, 1),
		spec: drill.Dataset{Name: dataset, Mode: drill.ModeAsync, Regions: []string{"a", "b"}},
		rule: promise{Durability: drill.Durability{Mode: drill.ModeAsync}}, lead: "b", epoch: 2,
		gone: map[string]*absence{}, cut: map[string]store.Cut{}, heard: map[string]time.Duration{}, runs: map[string]string{},
	}
	l.emit(drill.DrillStarted{Fleet: drill.Fleet{Regions: []drill.Region{{Name: "a"}, {Name: "b"}}, Datasets: []drill.Dataset{l.spec}}})
	return l
}

// hear lets time pass, and both regions answer at its end; a, which follows, heard its
// authority as long ago as its status says, or has not if that is negative.
func (l *returnLab) hear(after time.Duration, a *store.Status) {
	l.clock = l.clock.Add(after)
	say := func(region string, s store.Status) {
		s.Dataset, s.Epoch = dataset, 2
		l.watch.keep(region, wire.RegionStatus{Stores: []store.Status{s}}, l.now())
	}
	say("b", store.Status{Role: drill.RoleAuthority, Position: 100})
	if a != nil {
		a.Role, a.Authority = drill.RoleFollower, "b"
		say("a", *a)
	}
	l.reconcile(context.Background())
}

func at100() *uint64 { n := uint64(100); return &n }

// What was cut is told when its replica is current at last, whatever came between.
func TestACutIsToldOnce(t *testing.T) {
	first, second := &store.Cut{Entries: 7, From: 90, Exported: "x"}, &store.Cut{Entries: 5, From: 80, Exported: "y"}
	for name, cuts := range map[string][]*store.Cut{"the process lived on": {first, first}, "it forgot": {first, nil}, "and cut again": {first, second}} {
		t.Run(name, func(t *testing.T) {
			l := newReturnLab()
			l.away("a")
			l.hear(time.Second, &store.Status{Position: 60, Cut: cuts[0]})
			l.emit(drill.FaultProved{ID: 1, Fault: drill.FaultFreeze, Region: "a"})
			l.hear(2*fresh, nil)
			l.emit(drill.FaultLifted{ID: 1, Region: "a"})
			l.hear(time.Second, &store.Status{Position: 70, Cut: cuts[1]})
			want := first.Entries
			if cuts[1] == second {
				want += second.Entries
			}
			l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: cuts[1]})
			l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: cuts[1]})
			l.view(func(s *drill.State) {
				if len(s.Rejoins) != 1 || s.Rejoins[0].Done == nil || s.Rejoins[0].Done.Diverged != want {
					t.Errorf("%d returns, want one with %d diverged writes: %+v", len(s.Rejoins), want, s.Rejoins)
				}
			})
		})
	}
}

// A replica that answers, but has heard nothing from its authority for long, is one that
// was left behind: async must not promote it by itself.
func TestADeafFollowerIsLeftBehind(t *testing.T) {
	hears := func(ago time.Duration) *store.Status {
		return &store.Status{Position: 60, AuthorityPosition: at100(), Heard: ago}
	}
	for name, silent := range map[string]*store.Status{"since a while": hears(deafAfter + time.Second), "not at all": {Position: 60}} {
		t.Run(name, func(t *testing.T) {
			l := newReturnLab()
			answers := map[string]store.Status{"a": {Position: 60}}
			before := *silent
			before.Heard = 0
			l.hear(time.Second, &before)
			if _, reason := l.certain("b", answers); reason != "" {
				t.Fatalf("one that hears may not take over: %s", reason)
			}
			l.hear(deafAfter+time.Second, silent)
			if _, reason := l.certain("b", answers); reason == "" {
				t.Error("one that heard nothing for long may take over")
			}
			l.hear(time.Second, hears(0))
			l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100()})
			if _, reason := l.certain("b", answers); reason != "" {
				t.Errorf("one that hears again may not take over: %s", reason)
			}
		})
	}
}

// An authority that is lost is heard by nobody, and no follower is behind for that.
func TestALostAuthorityMakesNobodyDeaf(t *testing.T) {
	l := newReturnLab()
	l.hear(time.Second, &store.Status{Position: 60, AuthorityPosition: at100()})
	l.clock = l.clock.Add(2 * deafAfter)
	l.watch.keep("a", wire.RegionStatus{Stores: []store.Status{{Dataset: dataset, Role: drill.RoleFollower, Authority: "b", Epoch: 2,
		Position: 60, AuthorityPosition: at100(), Heard: 2 * deafAfter}}}, l.now())
	l.reconcile(context.Background())
	if _, reason := l.certain("b", map[string]store.Status{"a": {Position: 60}}); reason != "" {
		t.Errorf("it may not take over: %s", reason)
	}
}

// What a replica heard before it went away says nothing of what it missed: one that was
// frozen still tells of it when it goes on.
func TestAThawedReplicaIsNotCurrentYet(t *testing.T) {
	l := newReturnLab()
	l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100()})
	l.away("a")
	l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Heard: time.Second + time.Millisecond})
	done := func() (n int) {
		l.view(func(s *drill.State) {
			for _, r := range s.Rejoins {
				if r.Done != nil {
					n++
				}
			}
		})
		return n
	}
	if done() != 0 {
		t.Error("it is said to be current by what it heard before it was frozen")
	}
	l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Heard: time.Millisecond})
	if done() != 1 {
		t.Error("it is not said to be current by what it heard since")
	}
}

// Data that could not be read is set aside by its region: where it lies is told of, since
// it can't be brought home write by write.
func TestWhatWasSetAsideIsToldOf(t *testing.T) {
	l := newReturnLab()
	l.exports = t.TempDir()
	l.away("a")
	l.hear(time.Second, &store.Status{Position: 100, AuthorityPosition: at100(), Cut: &store.Cut{Exported: "data.aside"}})
	l.errands.Wait()
	l.view(func(s *drill.State) {
		if len(s.Failures) != 1 || !strings.Contains(s.Failures[0].Next, "data.aside") {
			t.Errorf("told of %+v", s.Failures)
		}
		if len(s.Rejoins) != 1 || s.Rejoins[0].Done == nil {
			t.Errorf("returns %+v", s.Rejoins)
		}
	})
}
