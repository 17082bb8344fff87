package below

import (
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Psql is psql on the PATH, or where distributions put it; where it is nowhere, how to install it.
func Psql() (path, install string) {
	if path, err := exec.LookPath("psql"); err == nil {
		return path, ""
	}
	engine, _ := store.EngineOf(store.EnginePostgres)
	for _, place := range engine.Server.Places {
		found, _ := filepath.Glob(filepath.Join(place, "psql")) // the patterns are right
		slices.Sort(found)
		if len(found) > 0 {
			return found[len(found)-1], ""
		}
	}
	return "", engine.Server.Install
}
