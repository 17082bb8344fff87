package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
)

// Who interrupts the question for a container engine has not chosen local, and
// nothing is started in its place.
func TestInterruptedChoiceStartsNothing(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	state := t.TempDir()
	h := newHost(&settings{stateDir: state})
	ctx, interrupt := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer interrupt()
	began := time.Now()
	s, err := h.Start(ctx, tui.Choice{Fleet: defaultFleet})
	if s != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("started %v, error %v", s, err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if left, _ := filepath.Glob(filepath.Join(state, "*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestCheckOn(t *testing.T) {
	for on, ok := range map[string]bool{"": true, "kind": true, "local": true, "cloud": false} {
		if err := (&settings{on: on}).checkOn(); (err == nil) != ok {
			t.Errorf("--on %q: %v", on, err)
		}
	}
}

// A fleet of one's own that is up is offered wherever its file is, and joined as it was made.
func TestAFleetThatIsUpIsOffered(t *testing.T) {
	state := t.TempDir()
	h := newHost(&settings{stateDir: state})
	mine := topology.Fleet{Name: "mine", Regions: []topology.Region{{Name: "here"}}, Users: []topology.Population{{Name: "all", Count: 9000}}}
	for _, r := range []record.Record{{Fleet: mine, On: "local", Stays: true}, {Fleet: topology.Fleet{Name: defaultFleet}, On: "local", Stays: true}} {
		if _, err := record.Create(state, r); err != nil {
			t.Fatal(err)
		}
	}
	var offered []tui.FleetChoice
	for _, f := range h.Catalog().Fleets {
		if f.Running != "" {
			offered = append(offered, f)
		}
	}
	want := tui.FleetChoice{Name: "mine", Summary: "1 region, 9,000 users, 0 datasets", Parts: []string{"here: region", "all: 9,000 users, 0 requests/s, 0 % of them writes"}, Running: "local"}
	if len(offered) != 2 || offered[0].Name != defaultFleet || !reflect.DeepEqual(offered[1], want) {
		t.Fatalf("offered %+v", offered)
	}
	if c, err := h.load(tui.Choice{On: "local", Fleet: "mine"}); err != nil || c.spec.TotalUsers() != 9000 {
		t.Errorf("joined %+v, %v", c.spec, err)
	}
	if _, err := h.load(tui.Choice{On: "kind", Fleet: "mine"}); err == nil {
		t.Error("a fleet was made elsewhere of a record")
	}
}

// A drill leaves alone what somebody left on purpose, and not what a killed one could not take down.
func TestFoundFleet(t *testing.T) {
	state := t.TempDir()
	h := newHost(&settings{stateDir: state})
	if h.settings.found("kind", "left") {
		t.Fatal("found where there is nothing")
	}
	for _, r := range []record.Record{
		{Fleet: topology.Fleet{Name: "left"}, On: "kind", Stays: true},
		{Fleet: topology.Fleet{Name: "killed"}, On: "kind"},
		{Fleet: topology.Fleet{Name: "stays"}, On: "local", Stays: true},
		{Fleet: topology.Fleet{Name: "ends"}, On: "local"},
	} {
		f, err := record.Create(state, r)
		if err != nil {
			t.Fatal(err)
		}
		f.Unlock()
	}
	for _, tt := range []struct {
		on, name string
		want     bool
	}{{"kind", "left", true}, {"kind", "killed", false}, {"local", "left", false}, {"kind", "other", false}, {"local", "stays", true}, {"kind", "stays", false}, {"local", "ends", false}} {
		if got := h.settings.found(tt.on, tt.name); got != tt.want {
			t.Errorf("%s on %s: found %v", tt.name, tt.on, got)
		}
	}
}
