package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What keeps a fleet from being taken down is said once, with what to do, whichever half of a fleet is there.
func TestDownSaysWhatKeepsIt(t *testing.T) {
	state := t.TempDir()
	for name, text := range map[string]string{"broken": "{", "empty": ""} {
		dir := filepath.Join(state, "fleets", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, "record.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	held, err := record.Create(state, record.Record{Fleet: topology.Fleet{Name: "held", Regions: []topology.Region{{Name: "a"}}}, On: "local"})
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	s := &settings{stateDir: state, stops: &tty.Stops{Context: t.Context()}}
	for name, want := range map[string]string{
		"held":   "fleet held is in use by this process",
		"broken": "fleets/broken/record.json",
		"none":   "none: no fleetdrill fleet has that name; `fleetdrill status` lists those that run",
	} {
		err := takeDown(t.Context(), s, []string{name}, io.Discard)
		if !errors.Is(err, engine.ErrDown) || strings.Count(err.Error(), want) != 1 || strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s: %v", name, err)
		}
		if name != "none" && strings.Contains(err.Error(), "no fleetdrill fleet has that name") {
			t.Errorf("%s is there, and it is said that it is not: %v", name, err)
		}
	}
	var out strings.Builder
	if err := takeDown(t.Context(), s, []string{"empty"}, &out); !strings.Contains(out.String(), "empty: cleared") {
		t.Errorf("of a folder without a record: %q, %v", out.String(), err)
	}
}
