package zone

import (
	"slices"
	"testing"
)

// A process that has ended takes no requests, also where a check that it answered just before marks it as up.
func TestWhatHasEndedTakesNothing(t *testing.T) {
	p := &process{spec: Spec{Name: "a-web"}, ended: make(chan struct{}), up: true}
	z := &Zones{running: map[string]*process{"a-web": p}}
	if !z.Takes("a-web") || z.Takes("b-web") {
		t.Error("what answers takes requests, what was never started does not")
	}
	close(p.ended)
	if z.Takes("a-web") {
		t.Error("it takes requests after its end")
	}
}

// Replicas are spread over the zones in turn; a zone without any has no process but the store's.
func TestShare(t *testing.T) {
	var got []string
	for _, s := range Share([]string{"a", "b", "c"}, "c", 2) {
		got = append(got, s.Name)
		got = append(got, s.Replicas...)
		if s.Store != (s.Name == "c-store") {
			t.Errorf("%+v", s)
		}
	}
	if want := []string{"a-web", "a-web-1", "b-web", "b-web-1", "c-store"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
