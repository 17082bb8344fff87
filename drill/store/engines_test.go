package store

import (
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Every row says what others ask it for, and the default is its first.
func TestEngines(t *testing.T) {
	if e, ok := EngineOf(""); !ok || e.Name != DefaultEngine || EngineNames()[0] != DefaultEngine || e.Server != nil {
		t.Errorf("the default engine is %+v, of %v", e, EngineNames())
	}
	var seen []string
	for _, e := range Engines() {
		if slices.Contains(seen, e.Name) {
			t.Errorf("%s is there twice", e.Name)
		}
		seen = append(seen, e.Name)
		if e.Name == "" || e.Step <= 0 || e.Stop <= 0 {
			t.Errorf("row %+v lacks a name or a limit", e)
		}
		if s := e.Server; s != nil && (s.Title == "" || s.Program == "" || len(s.Tools) == 0 || len(s.Places) == 0 || s.Oldest == 0 || s.Install == "" || s.User == "" || s.Image == "") {
			t.Errorf("%s's server lacks something: %+v", e.Name, *s)
		}
	}
	if e, ok := EngineOf("paper"); ok || e.Name != "paper" || e.Step != engines[0].Step {
		t.Errorf("an engine that nobody knows: %v, %+v", ok, e)
	}
}

func TestWhatAFleetsEnginesNeed(t *testing.T) {
	light, heavy := []topology.Dataset{{Engine: EngineLog}}, []topology.Dataset{{Engine: EngineLog}, {Engine: EnginePostgres}}
	if _, needs := EngineWithServer(light); needs {
		t.Error("log needs a server")
	}
	if e, needs := EngineWithServer(heavy); !needs || e.Name != EnginePostgres {
		t.Errorf("of log and postgres the one with a server is %q", e.Name)
	}
	for _, c := range []struct {
		datasets []topology.Dataset
		want     time.Duration
	}{{nil, 2 * time.Second}, {light, 2 * time.Second}, {heavy, 15 * time.Second}} {
		if got := StopLimit(c.datasets); got != c.want {
			t.Errorf("%v may take %s to end, want %s", c.datasets, got, c.want)
		}
	}
}
