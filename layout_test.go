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
	"drill":                             {},
	"drill/action":                      {"drill"},
	"drill/bus":                         {"drill"},
	"drill/network":                     {"drill", "drill/link"},
	"drill/store":                       {"drill"},
	"drill/store/diverged":              {"drill/store"},
	"drill/store/replica":               {"drill", "drill/store"},
	"drill/store/log":                   {"drill", "drill/store", "drill/store/diverged", "drill/store/replica"},
	"drill/store/postgres":              {"drill", "drill/store", "drill/store/diverged", "drill/store/replica", "drill/store/postgres/…"},
	"drill/link":                        {},
	"drill/ledger":                      {"drill"},
	"drill/journal":                     {"drill"},
	"drill/scenario":                    {"drill", "drill/traffic/policy", "kindconfigs", "drill/store", "drill/verdict"},
	"drill/format":                      {"drill"},
	"drill/measure":                     {"drill"},
	"drill/verdict":                     {"drill", "drill/format", "drill/measure"},
	"drill/report":                      {"drill", "drill/format", "drill/measure", "drill/verdict"},
	"drill/agent/wire":                  {"drill", "drill/store"},
	"drill/build":                       {},
	"drill/agent/process":               {"drill/agent", "drill/agent/wire", "drill/build"},
	"drill/agent/binary":                {"drill/build"},
	"drill/agent":                       {"drill", "drill/store", "drill/store/diverged", "drill/store/log", "drill/store/postgres", "drill/agent/wire"},
	"drill/traffic":                     {"drill", "drill/ledger", "drill/store", "drill/agent/wire", "drill/traffic/policy"},
	"drill/traffic/policy":              {"drill"},
	"drill/fleet":                       {"drill"},
	"drill/fleet/record":                {"drill", "drill/fleet"},
	"drill/fleet/localfleet":            {"drill", "drill/fleet", "drill/fleet/record", "drill/agent/wire", "drill/build", "drill/store", "drill/fleet/gateway"},
	"drill/fleet/host":                  {"drill/store"},
	"drill/fleet/gateway":               {"drill/agent/wire"},
	"drill/fleet/kube":                  {"drill", "kindconfigs"},
	"drill/engine":                      {"drill", "drill/store", "drill/store/diverged", "drill/link", "drill/ledger", "drill/traffic", "drill/fleet", "drill/agent/wire", "drill/action", "drill/verdict", "drill/bus", "drill/network", "drill/controller", "drill/controller/runner"},
	"kindconfigs":                       {},
	"tui":                               {"drill", "drill/action", "drill/format", "drill/traffic/policy", "tui/…", "drill/measure", "drill/verdict"},
	"cmd/fleetdrill-agent":              {"drill/agent/process"},
	"cmd/fleetdrill":                    {"drill", "drill/…", "tui", "kindconfigs"},
	"drill/store/postgres/server":       {"drill/store"},
	"drill/store/postgres/proxy":        {"drill/store/postgres/server", "drill/store/replica"},
	"drill/store/postgres/history":      {"drill/store", "drill/store/diverged"},
	"drill/fleet/kindfleet":             {"drill", "drill/fleet", "drill/fleet/record", "drill/fleet/host", "drill/fleet/kube", "drill/fleet/gateway", "drill/store", "drill/agent/wire", "drill/agent/binary", "drill/build", "kindconfigs", "drill/fleet/kindfleet/kindcluster"},
	"drill/controller":                  {"drill", "drill/store", "drill/controller/…"},
	"drill/controller/candidate":        {"drill", "drill/store"},
	"drill/controller/exports":          {"drill"},
	"drill/controller/splitbrain":       {"drill"},
	"drill/controller/runner":           {"drill", "drill/controller", "drill/controller/splitbrain", "drill/ledger", "drill/store", "drill/store/diverged", "drill/agent/wire"},
	"drill/store/replica/conformance":   {"drill", "drill/store", "drill/store/diverged"},
	"drill/fleet/kindfleet/kindcluster": {"drill/fleet/host", "kindconfigs"},
	"drill/fleet/platforms":             {"drill", "drill/fleet", "drill/fleet/host", "drill/fleet/kindfleet", "drill/fleet/localfleet"},
}

// Heavy libraries stay in one room each.
var onlyImporter = map[string]string{
	"sigs.k8s.io/kind":                       "drill/fleet/kindfleet",
	"k8s.io/":                                "drill/fleet/kube",
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
		allowed, known := mayImport[topRoom(room)]
		if !known {
			t.Errorf("%s is a room that layout_test.go does not know: say there what it may import", room)
			continue
		}
		for _, imported := range p.Imports {
			if ours, is := strings.CutPrefix(imported, module); is {
				if !permitted(allowed, ours) && ours != room && !strings.HasPrefix(ours, topRoom(room)+"/") {
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

// topRoom is the room of a package; rooms inside tui are tui's own matter.
func topRoom(room string) string {
	if strings.HasPrefix(room, "tui/") {
		return "tui"
	}
	return room
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
