package zone

import "testing"

// A process that has ended takes no requests, also where a check that it answered just before marks it as up.
func TestWhatHasEndedTakesNothing(t *testing.T) {
	p := &process{spec: Spec{Name: "a-web-1"}, ended: make(chan struct{}), up: true}
	z := &Zones{running: map[string]*process{"a-web-1": p}}
	if !z.Takes("a-web-1") || z.Takes("b-web-1") {
		t.Error("what answers takes requests, what was never started does not")
	}
	close(p.ended)
	if z.Takes("a-web-1") {
		t.Error("it takes requests after its end")
	}
}

// Replicas are spread over the zones in turn, whatever their number is later: one that is there stays where it is.
func TestReplicasAreSpread(t *testing.T) {
	want := []Spec{{Name: "a-web-1", Zone: "a"}, {Name: "b-web-1", Zone: "b"}, {Name: "c-web-1", Zone: "c"}, {Name: "a-web-2", Zone: "a"}}
	for n, want := range want {
		if got := Replica([]string{"a", "b", "c"}, n); got != want {
			t.Errorf("%d: %+v, want %+v", n, got, want)
		}
	}
	if got := Replica(nil, 2); got != (Spec{Name: "web-3"}) {
		t.Errorf("without zones: %+v", got)
	}
}
