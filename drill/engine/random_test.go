package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// seeds are the random sequences of this run: FLEETDRILL_SEEDS=200 takes the
// first 200, FLEETDRILL_SEED=17 that one alone.
func seeds(t *testing.T) []uint64 {
	if one := os.Getenv("FLEETDRILL_SEED"); one != "" {
		n, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatalf("FLEETDRILL_SEED=%s: %v", one, err)
		}
		return []uint64{n}
	}
	n := 2
	if many := os.Getenv("FLEETDRILL_SEEDS"); many != "" {
		var err error
		if n, err = strconv.Atoi(many); err != nil || n < 1 {
			t.Fatalf("FLEETDRILL_SEEDS=%s is no number of sequences", many)
		}
	}
	var out []uint64
	for i := range n {
		out = append(out, uint64(i+1))
	}
	return out
}

// TestRandomSequences drills sequences of faults, repairs, mode changes and
// switchovers made from a seed, under writes. Whatever happened: no acknowledged
// write is lost that the mode of its time keeps, no two authorities acknowledge
// in one epoch, and all replicas end equal.
func TestRandomSequences(t *testing.T) {
	leftToProcesses(t)
	for _, engine := range dataEngines(t) {
		for _, seed := range seeds(t) {
			t.Run(fmt.Sprintf("%s/%d", engine, seed), func(t *testing.T) {
				t.Parallel()
				defer func() {
					if t.Failed() {
						t.Logf("run it again: make test-data SEED=%d ENGINE=%s", seed, engine)
					}
				}()
				randomSequence(t, engine, seed)
			})
		}
	}
}

// move is one part of a sequence: a command, and what is waited for after it.
type move struct {
	command runbook.Command
	writes  int // acknowledged meanwhile, unless they stand still
}

// randomMoves makes a sequence from a seed alone: what comes of a command changes nothing of
// what comes after it, so a seed is always the same sequence. It ends with everything mended.
func randomMoves(rng *rand.Rand, regions []string) (moves []move) {
	var mend []runbook.Command // what is broken now, as the commands that mend it
	broken := map[string]bool{}
	add := func(c runbook.Command) { moves = append(moves, move{command: c, writes: rng.IntN(120)}) }
	repair := func(i int) {
		c := mend[i]
		mend = slices.Delete(mend, i, i+1)
		add(c)
		for _, region := range []string{c.Region, c.Between[0], c.From, c.To} {
			delete(broken, region)
		}
	}
	for range 6 + rng.IntN(4) {
		region := regions[rng.IntN(len(regions))]
		other := regions[rng.IntN(len(regions))]
		breaks := !broken[region] && len(mend) < 2
		var c, back runbook.Command
		switch n := rng.IntN(8); {
		case n == 0 && breaks:
			c, back = runbook.Command{Verb: runbook.VerbKill, Region: region}, runbook.Command{Verb: runbook.VerbRestore, Region: region}
		case n == 1 && breaks && processes():
			c, back = runbook.Command{Verb: runbook.VerbFreeze, Region: region}, runbook.Command{Verb: runbook.VerbRestore, Region: region}
		case n == 2 && breaks && len(mend) == 0:
			way := rng.IntN(3)
			from, to := region, topology.EndOthers
			if way == 2 {
				from, to = to, from
			}
			c, back = cut(runbook.VerbPartition, from, to, way > 0), cut(runbook.VerbHeal, from, to, way > 0)
		case n == 3 || n == 4:
			to := dataModes[rng.IntN(3)]
			if to.Mode == topology.ModeSync {
				to.With = other
			}
			c = runbook.Command{Verb: runbook.VerbMode, Dataset: dataset, Mode: to.Mode, With: to.With}
		case n == 5:
			c = runbook.Command{Verb: runbook.VerbSwitchover, Dataset: dataset, To: region}
		case len(mend) > 0:
			repair(rng.IntN(len(mend)))
			continue
		default: // a moment of the sequence itself
			moves = append(moves, move{writes: rng.IntN(80)})
			continue
		}
		add(c)
		if back.Verb != "" {
			mend = append(mend, back)
			broken[region] = true
		}
	}
	for len(mend) > 0 {
		repair(0)
	}
	return moves
}

func TestASeedIsOneSequence(t *testing.T) {
	regions := []string{"a", "b", "c"}
	for seed := range uint64(50) {
		one, two := randomMoves(rand.New(rand.NewPCG(seed, 3)), regions), randomMoves(rand.New(rand.NewPCG(seed, 3)), regions)
		if !slices.Equal(one, two) || len(one) < 6 {
			t.Errorf("seed %d is %v, and %v", seed, one, two)
		}
	}
}

func randomSequence(t *testing.T, engine string, seed uint64) {
	attempts(t, func(t *attempt) {
		rng := rand.New(rand.NewPCG(seed, 3))
		first := dataModes[rng.IntN(3)]
		l := newDataLab(t, dataSpec(engine, first), seed)
		for _, m := range randomMoves(rng, l.spec.RegionNames()) {
			if m.command.Verb != "" {
				l.do(m.command) // it may be refused, which is part of the sequence
			}
			l.settled(m.writes)
		}
		l.until("every region is up and the dataset is led", time.Minute, func(s *drill.State) bool {
			for _, r := range s.Regions {
				if r.Up == nil || !*r.Up || r.Fault != nil {
					return false
				}
			}
			for _, f := range s.Failovers {
				if _, done := f.Ends[drill.StageReroute]; !done {
					return false
				}
			}
			return s.Dataset(dataset).Waiting == nil
		})
		l.written(20)
		l.equal()
		l.end()
	})
}
