package controller

import (
	"flag"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
)

var (
	oneSeed   = flag.Uint64("seed", 0, "run this random sequence alone, with its trace")
	firstSeed = flag.Int("first", 1, "the first seed of TestSequences")
	sequences = flag.Int("sequences", 2000, "how many random sequences TestSequences runs")
)

// traced runs one sequence again and keeps what happened.
func traced(seed uint64, b breach) *sim {
	s := newSim(seed, b)
	s.trace = &strings.Builder{}
	return s.run()
}

// many runs sequences on all processors; each fails or not by its seed alone.
func many(first, n int, b breach, each func(*sim) bool) {
	seeds := make(chan uint64)
	var all sync.WaitGroup
	var mu sync.Mutex
	on := true
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := range seeds {
				s := newSim(seed, b).run()
				mu.Lock()
				on = on && each(s)
				mu.Unlock()
			}
		})
	}
	for i := range n {
		mu.Lock()
		go1 := on
		mu.Unlock()
		if !go1 {
			break
		}
		seeds <- uint64(first + i)
	}
	close(seeds)
	all.Wait()
}

// TestSequences runs random sequences of faults, repairs and commands in virtual time.
// Whatever happened: at most one region takes writes, no acknowledged write is lost that its
// durability keeps, epochs rise, commands are answered once, and a fleet that is mended
// has an authority and equal replicas.
func TestSequences(t *testing.T) {
	if *oneSeed != 0 {
		s := traced(*oneSeed, breach{})
		t.Log("\n" + s.trace.String())
		for _, bad := range s.bad {
			t.Error(bad)
		}
		return
	}
	n := *sequences
	if raced {
		n /= 10
	}
	began := time.Now()
	var sims []*sim
	failed := 0
	many(*firstSeed, n, breach{}, func(s *sim) bool {
		sims = append(sims, &sim{checks: s.checks, acked: s.acked, asked: s.asked})
		if len(s.bad) > 0 {
			failed++
			trace := shortened(traced(s.seed, breach{}).trace.String())
			t.Errorf("seed %d: %s\nrun it again: go test ./drill/controller -run TestSequences -seed %d -v\n%s", s.seed, strings.Join(s.bad, "\n"), s.seed, trace)
		}
		return failed < 3
	})
	got := counted(sims)
	t.Logf("%d sequences in %s: %v", len(sims), time.Since(began).Round(time.Millisecond), got)
	for _, what := range []string{"failovers", "switchovers", "changes", "rejoins", "lost", "hung"} {
		if got[what] < len(sims)/10 {
			t.Errorf("only %d %s in %d sequences: they show nothing", got[what], what, len(sims))
		}
	}
}

// shortened is the end of a trace, without the answers that regions give all the time.
func shortened(trace string) string {
	var lines []string
	for line := range strings.Lines(trace) {
		if !strings.Contains(line, "controller.Heard") && !strings.Contains(line, "controller.Conditions") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-120):], "")
}

// TestASeedReproduces holds the traces of two runs of a seed against each other, byte for
// byte, and each decision against a second one from the same memory.
func TestASeedReproduces(t *testing.T) {
	for seed := uint64(1); seed <= 12; seed++ {
		a := newSim(seed, breach{})
		a.trace, a.checks.pure = &strings.Builder{}, true
		a.run()
		b := traced(seed, breach{})
		if len(a.bad) > 0 {
			t.Errorf("seed %d: %v", seed, a.bad)
		}
		if a.trace.String() != b.trace.String() || a.trace.Len() == 0 {
			t.Errorf("seed %d has two traces, of %d and %d bytes", seed, a.trace.Len(), b.trace.Len())
		}
	}
}

// TestABrokenRuleIsFound leaves out one safety rule at a time: the sequences must find it,
// or they would find nothing.
func TestABrokenRuleIsFound(t *testing.T) {
	if raced {
		t.Skip("what the rules are worth is no matter of races")
	}
	for name, b := range map[string]breach{
		"the lease is not waited for":        {leaseWait: true},
		"the least advanced is promoted":     {candidate: candidate.Breach{MostAdvanced: true}},
		"an epoch is used again":             {freshEpoch: true},
		"the durability is not asked":        {candidate: candidate.Breach{Durability: true}},
		"a replica being copied is promoted": {candidate: candidate.Breach{WholeReplicas: true}},
		"a renewed lease is not counted":     {leaseCount: true},
		"a mode holds as soon as it is told": {twoSteps: true},
		"an authority that hangs is left":    {hung: true},
	} {
		t.Run(name, func(t *testing.T) {
			found, ran := "", 0
			many(1, 1500, b, func(s *sim) bool {
				ran++
				if len(s.bad) > 0 {
					found = s.bad[0]
				}
				return found == ""
			})
			if found == "" {
				t.Errorf("%d sequences did not find it", ran)
			}
			t.Logf("found after %d sequences: %s", ran, found)
		})
	}
}
