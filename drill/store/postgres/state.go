package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// phase is what was being done to the server's data, so that a crash half way is noticed.
type phase string

const (
	phaseNone      phase = ""
	phaseMaking    phase = "making"    // initdb and the tables: to be made anew
	phasePromoting phase = "promoting" // its timeline may have no row of its own
	phaseRewinding phase = "rewinding" // data of two histories: to be cloned
	phaseCloning   phase = "cloning"   // data not whole: to be cloned
)

// state is what has to outlive the process and is not in the database, since a
// follower can't write there.
type state struct {
	Told    uint64 `json:"epoch"`   // highest epoch it has been told
	Reign   uint64 `json:"reign"`   // highest epoch of an authority that it knows of
	Led     uint64 `json:"led"`     // epoch that it leads or led last; 0 while it follows
	Phase   phase  `json:"phase"`   // what was begun and not ended
	Seeding bool   `json:"seeding"` // it lacks what it once had
	// Cut is a tail that was exported and is not cut yet: whoever cuts it, after a
	// restart maybe, has to tell of it.
	Cut *store.Cut `json:"cut,omitempty"`
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

func loadState(dir string) (state, error) {
	var s state
	data, err := os.ReadFile(statePath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return s, fmt.Errorf("state of the replica %s: %w", statePath(dir), err)
	}
	return s, nil
}

// save writes the state whole or not at all.
func (s state) save(dir string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replaceFile(statePath(dir), data, account{})
}

// replaceFile puts a file in the place of another, on disk when it returns.
func replaceFile(path string, data []byte, owner account) error {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, "*.unfinished")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = owner.give(file.Name())
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
