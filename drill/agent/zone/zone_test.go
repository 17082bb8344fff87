package zone

import (
	"context"
	"log/slog"
	"os/exec"
	"testing"
	"time"
)

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

// A process that stands still does not end when it is asked to: it is killed, and to end it is no error.
func TestWhatStandsStillIsEnded(t *testing.T) {
	cmd := exec.Command("sh", "-c", "trap '' TERM; echo; read wait")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip("NOT TESTED: no shell: ", err)
	}
	p := &process{spec: Spec{Name: "a-web-1"}, cmd: cmd, in: in, ended: make(chan struct{})}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it takes no notice of SIGTERM now
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	z := &Zones{cfg: Config{Logger: slog.New(slog.DiscardHandler)}, specs: []Spec{p.spec}, running: map[string]*process{"a-web-1": p}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := z.End(ctx, "a-web-1"); err != nil || !p.gone() || len(z.Status()) != 0 {
		t.Errorf("%v, gone %v, left %+v", err, p.gone(), z.Status())
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
