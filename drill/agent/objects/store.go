// Package objects keeps a region's Kubernetes objects where no cluster does, and takes their meaning for the region's own process: how
// many web replicas run, what they take, whom the region may talk to, and what may be written there. It is what an API server and its
// controllers are to a cluster: who changed which field is kept, and all of it on disk, so that a region that starts again runs what it had.
package objects

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Workload is the web tier, as objects govern it.
type Workload interface {
	// Run has so many replicas run. anew says that each starts again, since what it is to be has changed.
	Run(replicas int, anew bool) error
	// Running is how many run.
	Running() int
}

// Store is a region's objects. Its methods may be called from several goroutines.
type Store struct {
	Rules
	path string

	mu   sync.Mutex // guards what follows
	kept kept
	work Workload
	runs bool // the web tier was last told to run what objects say, and could
}

// kept is what is on disk.
type kept struct {
	Given   config.Given `json:"given"`
	Objects []object     `json:"objects"`
}

// object is one, with who changed each of its fields last.
type object struct {
	Object config.Object     `json:"object"`
	Who    map[string]string `json:"who"`
}

// Open reads what the region had, from a file that need not be there. fenced has it serve nobody until it was told since it started.
func Open(region, path string, fenced bool, now func() time.Duration) (*Store, error) {
	s := &Store{Rules: Rules{region: region, fenced: fenced, now: now, started: now()}, path: path}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return nil, fmt.Errorf("read what %s was given: %w", region, err)
	}
	if err := json.Unmarshal(raw, &s.kept); err != nil {
		return nil, fmt.Errorf("read what %s was given: %s: %w", region, path, err)
	}
	s.kept.Given.Confirmed, s.kept.Given.Before = false, nil
	s.again.Store(s.kept.Given.Revision != "")
	m, err := config.MeaningOf(bare(s.kept.Objects))
	if err != nil {
		return nil, fmt.Errorf("read what %s was given: %s: %w", region, path, err)
	}
	s.meant.Store(&m)
	return s, nil
}

// Begin hands the web tier over, which runs from now on what the objects say. Before the first are given it has no replica.
func (s *Store) Begin(w Workload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.work = w
	if m := s.meant.Load(); m != nil && m.Replicas != nil {
		if err := w.Run(*m.Replicas, true); err != nil {
			return err
		}
		s.runs = true
	}
	return nil
}

// bare is objects without who changed them.
func bare(objects []object) []config.Object {
	out := make([]config.Object, len(objects))
	for i, o := range objects {
		out[i] = o.Object
	}
	return out
}

// find is where an object stands; -1 where it is not there.
func find(objects []object, ref config.Ref) int {
	return slices.IndexFunc(objects, func(o object) bool {
		is, err := config.RefOf(o.Object)
		return err == nil && is == ref
	})
}

// Status is what the region was given, and has.
func (s *Store) Status() wire.ConfigStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return wire.ConfigStatus{Given: s.kept.Given, Health: s.health(), Objects: bare(s.kept.Objects)}
}

func (s *Store) health() config.Health {
	m := s.meant.Load()
	if m == nil || m.Replicas == nil {
		return config.Health{Why: "no Deployment/" + config.Web}
	}
	runs := s.work.Running()
	if runs != *m.Replicas {
		return config.Health{Why: fmt.Sprintf("%d of %d replicas of Deployment/%s run", runs, *m.Replicas, config.Web), Running: &runs}
	}
	return config.Health{Ready: true, Running: &runs}
}

// Diff is the fields of objects that the region has otherwise, and who changed them.
func (s *Store) Diff(objects []config.Object) []config.Field {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []config.Field{}
	for _, o := range objects {
		ref, _ := config.RefOf(o)
		var has object
		if i := find(s.kept.Objects, ref); i >= 0 {
			has = s.kept.Objects[i]
		}
		for _, f := range config.Differs(o, has.Object) {
			f.Who = has.Who[f.Path]
			out = append(out, f)
		}
	}
	return out
}

// Apply takes the objects of a revision, one after the other. One that can't be meant, or is there and not from a repository, ends it:
// those before it are taken then, which Given says.
func (s *Store) Apply(a wire.ConfigApply) (config.Given, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Given = config.Given{Revision: a.Revision, Of: len(a.Objects), Confirmed: true, Before: s.kept.Given.Before}
	next := slices.Clone(s.kept.Objects)
	var failed error
	for _, o := range a.Objects {
		with, err := taken(next, o, a.Manager)
		if err == nil {
			_, err = config.MeaningOf(bare(with))
		}
		if err != nil {
			failed = fmt.Errorf("%w: %w", err, wire.ErrBad)
			break
		}
		next = with
		s.kept.Given.Done++
	}
	ran := s.become(next)
	if ran != nil {
		s.kept.Given.Confirmed = false // so that a reconciler tells it again
	}
	s.tell(ran == nil && s.kept.Given.Whole())
	return s.kept.Given, errors.Join(failed, ran)
}

// tell takes down that the region was told, or was told in part only.
func (s *Store) tell(whole bool) {
	if !whole {
		s.told.Store(false)
		return
	}
	if before := s.Rules.tell(); before != nil {
		s.kept.Given.Before = before
	}
}

// taken is objects with one more, or with that one's fields as it has them.
func taken(objects []object, o config.Object, manager string) ([]object, error) {
	ref, err := config.RefOf(o)
	if err != nil {
		return nil, err
	}
	i := find(objects, ref)
	if i < 0 {
		made := object{Object: config.Copy(o), Who: map[string]string{}}
		for path := range config.Flat(o) {
			made.Who[path] = manager
		}
		return append(slices.Clone(objects), made), nil
	}
	if manager == config.Manager && !config.Ours(objects[i].Object) {
		return nil, fmt.Errorf("%s is there and lacks the label %s: %s, so it is somebody else's", ref, config.LabelManaged, config.ManagedHere)
	}
	next := slices.Clone(objects)
	made := object{Object: config.Merge(objects[i].Object, o), Who: map[string]string{}}
	for path, who := range objects[i].Who {
		made.Who[path] = who
	}
	for _, f := range config.Differs(o, objects[i].Object) {
		made.Who[f.Path] = manager
	}
	next[i] = made
	return next, nil
}

// become makes the region run what objects say, and keeps them.
func (s *Store) become(objects []object) error {
	m, err := config.MeaningOf(bare(objects))
	if err != nil {
		return err
	}
	was := s.meant.Load()
	s.kept.Objects = objects
	s.meant.Store(&m)
	return errors.Join(s.run(was, &m), s.write())
}

// run has the web tier be as many replicas, of such a version. What of it has not changed is left as it is: a replica that somebody
// killed is not started by a flag.
func (s *Store) run(was, m *config.Meaning) error {
	anew := was == nil || was.Version != m.Version || was.Secret != m.Secret || capacity(was) != capacity(m)
	if s.runs && !anew && replicas(was) == replicas(m) {
		return nil
	}
	err := s.work.Run(replicas(m), anew)
	if s.runs = err == nil; err != nil {
		return fmt.Errorf("run %d web replicas: %w", replicas(m), err)
	}
	return nil
}

// replicas is how many web replicas are to run: none where no Deployment says it.
func replicas(m *config.Meaning) int {
	if m == nil || m.Replicas == nil {
		return 0
	}
	return *m.Replicas
}

func capacity(m *config.Meaning) float64 {
	if m == nil || m.Capacity == nil {
		return 0
	}
	return *m.Capacity
}

// write keeps all of it on disk: the old file or the new one, never a part.
func (s *Store) write() error {
	raw, err := json.Marshal(s.kept)
	if err != nil {
		return fmt.Errorf("keep what %s was given: %w", s.region, err)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("keep what %s was given: %w", s.region, err)
	}
	if err := os.WriteFile(s.path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("keep what %s was given: %w", s.region, err)
	}
	if err := os.Rename(s.path+".new", s.path); err != nil {
		return fmt.Errorf("keep what %s was given: %w", s.region, err)
	}
	return nil
}

// Edit changes objects as a person does, and says what that changed: Actual is how it was, Wanted how it is.
func (s *Store) Edit(e wire.ConfigEdit) ([]config.Field, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, changed := s.kept.Objects, []config.Field{}
	for _, o := range e.Objects {
		ref, err := config.RefOf(o)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, wire.ErrBad)
		}
		i := find(next, ref)
		if i < 0 {
			return nil, fmt.Errorf("%s has no %s: %w", s.region, ref, wire.ErrNotFound)
		}
		for _, f := range config.Differs(o, next[i].Object) {
			f.Who = e.Manager
			changed = append(changed, f)
		}
		if next, err = taken(next, o, e.Manager); err != nil {
			return nil, fmt.Errorf("%w: %w", err, wire.ErrBad)
		}
	}
	for _, ref := range e.Delete {
		i := find(next, ref)
		if i < 0 {
			return nil, fmt.Errorf("%s has no %s: %w", s.region, ref, wire.ErrNotFound)
		}
		next = slices.Delete(slices.Clone(next), i, i+1)
		changed = append(changed, config.Field{Object: ref, Actual: "there", Who: e.Manager})
	}
	if _, err := config.MeaningOf(bare(next)); err != nil {
		return nil, fmt.Errorf("%w: %w", err, wire.ErrBad)
	}
	return changed, s.become(next)
}

// Prune removes what came from a repository and is not among keep.
func (s *Store) Prune(keep []config.Ref) ([]config.Ref, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := []config.Ref{}
	var next []object
	for _, o := range s.kept.Objects {
		ref, _ := config.RefOf(o.Object)
		if config.Ours(o.Object) && !slices.Contains(keep, ref) {
			gone = append(gone, ref)
			continue
		}
		next = append(next, o)
	}
	if len(gone) == 0 {
		return gone, nil
	}
	return gone, s.become(next)
}
