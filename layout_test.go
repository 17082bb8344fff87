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

// house is the rooms from the ground up, and what each imports of ours. An import goes
// down: it names a room that stands before it. A new arrow is a decision: it is made here,
// and one that nobody needs any more is taken out.
var house = []struct {
	room    string
	imports []string
}{}

// Heavy libraries stay in one room each.
var onlyImporter = map[string]string{
	"sigs.k8s.io/kind":                       "drill/fleet/kindfleet",
	"k8s.io/":                                "drill/fleet/kube",
	"github.com/google/go-containerregistry": "drill/fleet/kindfleet",
	"go.etcd.io/bbolt":                       "drill/store/log",
	"github.com/jackc/pgx":                   "drill/store/postgres",
	"charm.land/":                            "tui",
	"github.com/spf13/cobra":                 "cmd/fleetdrill",
	"github.com/muesli/mango":                "cmd/fleetdrill",
	"github.com/anishathalye/porcupine":      "drill/history/linear",
}

func TestImports(t *testing.T) {
	mayImport, seen := map[string][]string{}, map[string]bool{}
	for _, r := range house {
		for _, imported := range r.imports {
			if _, below := mayImport[imported]; !below {
				t.Errorf("%s is to import %s, which does not stand below it", r.room, imported)
			}
		}
		mayImport[r.room] = r.imports
	}
	for _, p := range packages(t) {
		room, inside := strings.CutPrefix(p.ImportPath, module)
		if !inside {
			continue // the root holds these tests only
		}
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s is a room that layout_test.go does not know: say there what it imports", room)
			continue
		}
		seen[room] = true
		for _, imported := range p.Imports {
			if ours, is := strings.CutPrefix(imported, module); is {
				if !slices.Contains(allowed, ours) {
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
		for _, a := range allowed {
			if !slices.Contains(p.Imports, module+a) {
				t.Errorf("%s does not import %s: take the arrow out of the layout", room, a)
			}
		}
	}
	for _, r := range house {
		if !seen[r.room] {
			t.Errorf("%s is in the layout and not in the tree", r.room)
		}
	}
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
