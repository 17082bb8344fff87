// Package fleetdrill_test holds the layout of the tree: who may import whom.
package fleetdrill_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fleetdrill/fleetdrill/"

// The rooms, and what each may import of ours (nothing that is not named; "…"
// takes in the rooms below). A new arrow is a decision: it is made here.
var mayImport = map[string][]string{
	"drill":                  {},
	"drill/action":           {"drill"},
	"drill/bus":              {"drill"},
	"drill/network":          {"drill", "drill/link"},
	"drill/store":            {"drill"},
	"drill/store/diverged":   {"drill/store"},
	"drill/store/log":        {"drill", "drill/store", "drill/store/diverged"},
	"drill/store/postgres":   {"drill", "drill/store", "drill/store/diverged"},
	"drill/link":             {},
	"drill/ledger":           {"drill"},
	"drill/journal":          {"drill"},
	"drill/scenario":         {"drill", "drill/action", "drill/verdict", "kindconfigs"},
	"drill/format":           {"drill"},
	"drill/measure":          {"drill"},
	"drill/verdict":          {"drill", "drill/action", "drill/format", "drill/measure"},
	"drill/report":           {"drill", "drill/format", "drill/measure", "drill/verdict"},
	"drill/agent/wire":       {"drill", "drill/store"},
	"drill/agent":            {"drill", "drill/store", "drill/store/diverged", "drill/store/log", "drill/store/postgres", "drill/agent/wire"},
	"drill/traffic":          {"drill", "drill/ledger", "drill/store", "drill/agent/wire"},
	"drill/fleet":            {"drill"},
	"drill/fleet/record":     {"drill", "drill/fleet"},
	"drill/fleet/machine":    {},
	"drill/fleet/localfleet": {"drill", "drill/fleet", "drill/fleet/record", "drill/agent/wire"},
	"drill/fleet/kindfleet":  {"drill", "drill/fleet", "drill/fleet/record", "drill/fleet/machine", "drill/agent/wire", "kindconfigs"},
	"drill/engine":           {"drill", "drill/action", "drill/bus", "drill/network", "drill/verdict", "drill/store", "drill/store/diverged", "drill/link", "drill/ledger", "drill/traffic", "drill/fleet", "drill/agent/wire"},
	"kindconfigs":            {},
	"tui/style":              {},
	"tui/canvas":             {"tui/style"},
	"tui/chart":              {"tui/style", "tui/canvas"},
	"tui/show":               {"drill", "drill/format", "tui/style"},
	"tui/pane":               {"drill", "drill/format", "drill/measure", "drill/traffic/policy", "tui/style", "tui/canvas", "tui/chart", "tui/show"},
	"tui/layout":             {"drill", "tui/chart", "tui/pane"},
	"tui/keys":               {"drill", "drill/action", "drill/measure", "tui/pane"},
	"tui/dialog":             {"drill", "drill/action", "drill/format", "drill/measure", "tui/style", "tui/canvas", "tui/pane", "tui/keys"},
	"tui/page":               {"drill", "drill/format", "drill/measure", "drill/verdict", "tui/style", "tui/canvas", "tui/chart", "tui/show", "tui/pane", "tui/layout", "tui/keys"},
	"tui":                    {"drill", "drill/action", "tui/style", "tui/canvas", "tui/layout", "tui/keys", "tui/dialog", "tui/page", "tui/pane"},
	"cmd/fleetdrill":         {"drill", "drill/…", "tui", "kindconfigs"},
}

// Heavy libraries stay in one room each.
var onlyImporter = map[string]string{
	"sigs.k8s.io/kind":                       "drill/fleet/kindfleet",
	"k8s.io/":                                "drill/fleet/kindfleet",
	"github.com/google/go-containerregistry": "drill/fleet/kindfleet",
	"go.etcd.io/bbolt":                       "drill/store/log",
	"github.com/jackc/pgx":                   "drill/store/postgres",
	"charm.land/":                            "tui",
	"github.com/spf13/cobra":                 "cmd/fleetdrill",
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		if room+"/" == module || room == strings.TrimSuffix(module, "/") {
			continue // the root holds this test only
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s is a room that layout_test.go does not know: say there what it may import", room)
			continue
		}
		for _, imported := range p.Imports {
			if ours, is := strings.CutPrefix(imported, module); is {
				if !permitted(allowed, ours) {
					t.Errorf("%s imports %s, which the layout does not allow", room, ours)
				}
				continue
			}
			for library, owner := range onlyImporter {
				if strings.HasPrefix(imported, library) && room != owner && !strings.HasPrefix(room, owner+"/") {
					t.Errorf("%s imports %s: only %s may", room, imported, owner)
				}
			}
			if room == "drill" && strings.Contains(imported, ".") {
				t.Errorf("drill imports %s: it uses the standard library only", imported)
			}
		}
	}
}

func permitted(allowed []string, room string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		below, all := strings.CutSuffix(a, "…")
		return a == room || all && strings.HasPrefix(room, below)
	})
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}
