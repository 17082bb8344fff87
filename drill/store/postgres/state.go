package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
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

// half says whether the data is of no use as it is.
func (p phase) half() bool { return p == phaseRewinding || p == phaseCloning }

// state is what has to outlive the process and is not in the database, since a
// follower can't write there.
type state struct {
	replica.Epochs
	Phase   phase `json:"phase"`   // what was begun and not ended
	Seeding bool  `json:"seeding"` // it lacks what it once had
	// Cut is a tail that was exported and is not cut yet: whoever cuts it, after a
	// restart maybe, has to report it.
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
	return server.ReplaceFile(statePath(dir), data, server.Account{})
}

// stateFile is the state, on disk and in memory, and the last cut of this run.
type stateFile struct {
	dir    string
	saving sync.Mutex // held while the file is replaced; taken before mu

	mu      sync.Mutex
	now     state
	lastCut *store.Cut
}

func openStateFile(dir string) (*stateFile, error) {
	s, err := loadState(dir)
	return &stateFile{dir: dir, now: s}, err
}

func (f *stateFile) get() state {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// seeding says whether it lacks what it once had, or has data of no use.
func (f *stateFile) seeding() bool {
	s := f.get()
	return s.Seeding || s.Phase.half()
}

// set changes the state, on disk first. The highest epoch seen never falls.
func (f *stateFile) set(change func(*state)) error {
	f.saving.Lock()
	defer f.saving.Unlock()
	next := f.get()
	seen := next.Seen
	change(&next)
	next.Seen = max(next.Seen, seen)
	if err := next.save(f.dir); err != nil {
		return fmt.Errorf("state of the replica in %s: %w", f.dir, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = next
	return nil
}

// saveEpochs keeps the epochs of a promotion or a following.
func (s *state) saveEpochs(next replica.Epochs) {
	next.Seen = max(next.Seen, s.Seen)
	s.Epochs = next
}

// replaced ends a phase: the data is whole again. It returns the tail that the data
// before it went with, nil none.
func (f *stateFile) replaced() (*store.Cut, error) {
	var cut *store.Cut
	if err := f.set(func(s *state) { cut, s.Cut, s.Phase = s.Cut, nil, phaseNone }); err != nil || cut == nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastCut = cut
	return cut, nil
}

// cut is a copy of the last cut of this run, nil none.
func (f *stateFile) cut() *store.Cut {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lastCut == nil {
		return nil
	}
	cut := *f.lastCut
	return &cut
}
