package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region that comes back is held down as long as the router said, and ramps up from when it is up.
func TestAReturningRegion(t *testing.T) {
	f := topology.Fleet{Regions: []topology.Region{{Name: "us"}, {Name: "eu"}}, Users: []topology.Population{{Name: "americas"}}, Routing: topology.Routing{Ramp: 4 * time.Second}}
	s := drill.NewState()
	seq := uint64(0)
	at := func(t time.Duration, b drill.Body) { seq++; s.Apply(drill.Event{Seq: seq, T: t, Body: b}) }
	at(0, drill.DrillStarted{Fleet: f})
	at(0, drill.RegionJudged{Region: "us", Up: true})
	at(0, drill.Rerouted{Population: "americas", To: "us"})
	if n, known := MovedMost(s); n != 0 || !known {
		t.Errorf("moved %d times before anything happened, %v", n, known)
	}
	at(time.Second, drill.RegionJudged{Region: "us"})
	at(time.Second, drill.Rerouted{Population: "americas", From: "us", To: "eu"})
	at(2*time.Second, drill.RegionHeld{Region: "us", For: 3 * time.Second})
	at(4*time.Second, drill.RegionSeen{})
	us := s.Region("us")
	if held := HeldDown(s, us); held != time.Second {
		t.Errorf("held down for %s yet", held)
	}
	at(4500*time.Millisecond, drill.RegionHeld{Region: "us"})
	if held := HeldDown(s, us); held != 0 {
		t.Errorf("it answers no more, and is held down for %s", held)
	}
	at(6*time.Second, drill.RegionJudged{Region: "us", Up: true})
	at(6*time.Second, drill.RegionRamped{Region: "us", Over: 4 * time.Second})
	at(6*time.Second, drill.Rerouted{Population: "americas", From: "eu", To: "us"})
	for after, want := range map[time.Duration]float64{7 * time.Second: 0.25, 8 * time.Second: 0.5, 11 * time.Second: 1} {
		s.Now = after
		if part := RampPart(s, us); part != want {
			t.Errorf("at %s it takes %v of its share, want %v", after, part, want)
		}
	}
	if n, _ := Moved(s, "americas"); n != 2 {
		t.Errorf("moved %d times, want away and back", n)
	}
	at(12*time.Second, drill.Rerouted{Population: "americas", From: "us", Refused: true})
	at(13*time.Second, drill.Rerouted{Population: "americas", To: "us"})
	if n, known := Moved(s, "americas"); n != 2 || !known {
		t.Errorf("moved %d times: being refused is none", n)
	}
}
