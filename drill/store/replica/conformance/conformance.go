// Package conformance is what every engine's replica has to do, as the comments of
// store.Replica and store.Preloader have it: tests that an engine runs on itself with Run.
package conformance

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Replica is what an engine opens.
type Replica interface {
	store.Replica
	store.Source
	store.Preloader
}

// Opening is what a replica is opened with. Upstream is a store.Dialer too.
type Opening struct {
	Dir      string
	Dataset  string
	Region   string
	Run      string
	Upstream store.Upstream
	Clock    func() time.Duration
	Logger   *slog.Logger
}

// Engine is one that is held against the suite.
type Engine struct {
	// Open opens the replica of a region; the suite closes it.
	Open func(Opening) (Replica, error)
	// Virtual says that it waits for no process and no network of its own: its cases run
	// in virtual time.
	Virtual bool
	// Sound checks that what a replica says of itself fits what it holds. It is called
	// on each replica that a case leaves open. Nil checks nothing.
	Sound func(testing.TB, Replica)
	// Hang has a replica's writes hang from here until resume is called, as a disk does that
	// answers nothing. Refuse has its disk refuse every write meanwhile, full or read-only; a
	// case that needs one that is nil is skipped.
	Hang, Refuse func(testing.TB, Replica) (resume func())
	// Backup says that it holds snapshots in mode backup (store.Snapshotter).
	Backup bool
	// MaxID and MaxPayload are the largest write that is taken, in bytes.
	MaxID, MaxPayload int
	// Within is how long something that must come may take. 0 is 30 s.
	Within time.Duration
}

// Run holds an engine against every case, each a subtest.
func Run(t *testing.T, e Engine) {
	if e.Within == 0 {
		e.Within = 30 * time.Second
	}
	groups := [][]testCase{leaseCases, appendCases, followCases, durabilityCases, reseedCases, healthCases}
	if e.Backup {
		groups = append(groups, backupCases)
	}
	for _, group := range groups {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				if e.Virtual {
					synctest.Test(t, func(t *testing.T) { c.run(newLab(t, e)) })
					return
				}
				t.Parallel() // most of their time they wait
				c.run(newLab(t, e))
			})
		}
	}
}

// testCase is one thing that a replica guarantees.
type testCase struct {
	name string
	run  func(*lab)
}

// ctx ends with the case, and at the latest after what all of its waits may take.
func (l *lab) ctx() context.Context {
	ctx, cancel := context.WithTimeout(l.t.Context(), 4*l.engine.Within)
	l.t.Cleanup(cancel)
	return ctx
}
