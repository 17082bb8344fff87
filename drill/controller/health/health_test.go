package health

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestLimit(t *testing.T) {
	for lease, want := range map[time.Duration]time.Duration{
		100 * time.Millisecond: 2 * time.Second, 1500 * time.Millisecond: 3 * time.Second, 5 * time.Second: 10 * time.Second,
	} {
		if got := Limit(lease); got != want {
			t.Errorf("lease %s: limit %s, want %s", lease, got, want)
		}
		before, at := store.Status{Stalled: want - 1}, store.Status{Stalled: want}
		if Stalls(before, lease) || !Stalls(at, lease) || Withholds(store.Status{Stalled: want/2 - 1}, lease) || !Withholds(before, lease) {
			t.Errorf("lease %s: not judged by the limit %s", lease, want)
		}
	}
}

func TestWords(t *testing.T) {
	s := store.Status{Stalled: 3120 * time.Millisecond, StalledBy: "No space left on device"}
	if got := Words(s); !strings.Contains(got, "3.1 s no write has reached its disk: No space left") {
		t.Error(got)
	}
	s.Role = role.Follower
	if got := Words(s); !strings.Contains(got, "applies nothing") {
		t.Error(got)
	}
}

// A program that stood still has missed no renewals: the time alone proves nothing.
func TestSilence(t *testing.T) {
	const lease = 1500 * time.Millisecond
	s := Silence{}.More(time.Second)
	if s.Lost(time.Minute, lease) {
		t.Error("given up after one renewal and a standstill")
	}
	s = s.More(2 * time.Second).More(3 * time.Second).More(3500 * time.Millisecond)
	if s.Lost(3900*time.Millisecond, lease) || !s.Lost(4*time.Second, lease) {
		t.Errorf("%+v is not judged by the limit of %s", s, Limit(lease))
	}
}
