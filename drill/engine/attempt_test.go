package engine

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

// attempt is a test of labs as far as it goes on this machine. What fails in it counts only where the machine did not disturb it: a lab
// is a drill, and of one in which the machine stood still nothing is known.
type attempt struct {
	*testing.T
	labs []tried

	mu     sync.Mutex
	failed []string
}

// tried is a lab of an attempt.
type tried interface {
	abandon()
	disturbed() bool
}

// mostAttempts is how often a test is made that the machine disturbs each time: what fails then is told all the same.
const mostAttempts = 3

// attempts makes a test, anew where it failed and the machine disturbed it.
func attempts(t *testing.T, test func(*attempt)) {
	t.Helper()
	tries(t, mostAttempts, test)
}

func tries(t *testing.T, most int, test func(*attempt)) {
	t.Helper()
	for n := 1; ; n++ {
		a := &attempt{T: t}
		a.make(test)
		if len(a.failed) == 0 || t.Failed() {
			for _, why := range a.failed {
				t.Error(why)
			}
			return
		}
		why := strings.Join(a.failed, "\n")
		if n == most || !a.disturbed() {
			t.Error(why)
			return
		}
		t.Logf("this machine disturbed attempt %d, so that it is made again, after:\n%s", n, why)
	}
}

// givenUp is what an attempt panics with that can't go on.
type givenUp struct{}

func (a *attempt) make(test func(*attempt)) {
	defer func() {
		for _, l := range a.labs {
			l.abandon()
		}
		switch p := recover(); p.(type) {
		case nil, givenUp:
		default:
			panic(p)
		}
	}()
	test(a)
}

// disturbed reports whether the machine disturbed one of the labs.
func (a *attempt) disturbed() bool {
	return slices.ContainsFunc(a.labs, tried.disturbed)
}

// slowed reports whether the machine stood still for a drill, or took a leader away by being slow, which no fault did.
func slowed(s *drill.State) bool {
	slow := func(f *drill.Failover) bool { return f.Fault == nil }
	return len(s.Standstills)+len(s.Starved) > 0 || slices.ContainsFunc(s.Failovers, slow)
}

// fail notes what failed, with the line of the test.
func (a *attempt) fail(what string) {
	at := ""
	for skip := 2; at == ""; skip++ {
		pc, file, line, known := runtime.Caller(skip)
		if !known {
			break
		}
		if of := runtime.FuncForPC(pc); of != nil && strings.Contains(of.Name(), ".Test") {
			at = fmt.Sprintf("%s:%d: ", filepath.Base(file), line)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed = append(a.failed, at+what)
}

// Failed reports whether the attempt has failed so far.
func (a *attempt) Failed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.failed) > 0 || a.T.Failed()
}

// Wrong is what no machine excuses, however slow it is: it fails the test, whatever else the attempt comes to.
func (a *attempt) Wrong(format string, args ...any) {
	a.T.Helper()
	a.T.Errorf(format, args...)
}

// Error is testing.T's, for the attempt, as those below are.
func (a *attempt) Error(args ...any) { a.fail(strings.TrimSuffix(fmt.Sprintln(args...), "\n")) }

func (a *attempt) Errorf(format string, args ...any) { a.fail(fmt.Sprintf(format, args...)) }

func (a *attempt) Fatal(args ...any) {
	a.fail(strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
	panic(givenUp{})
}

func (a *attempt) Fatalf(format string, args ...any) {
	a.fail(fmt.Sprintf(format, args...))
	panic(givenUp{})
}
