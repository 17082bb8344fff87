package router

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// heard is what a script of probes, "+" answered and "-" failed, one every 250 ms, came to: what changed, and at which probe.
func heard(limits topology.Probe, script string) (said []string) {
	h := health{limits: limits}
	for i, c := range strings.ReplaceAll(script, " ", "") {
		f := h.take(c == '-', time.Duration(i)*limits.Every)
		switch {
		case f.turned && h.verdict == isUp:
			said = append(said, fmt.Sprintf("%d up", i))
		case f.turned:
			said = append(said, fmt.Sprintf("%d down", i))
		case f.held > 0:
			said = append(said, fmt.Sprintf("%d held %s", i, f.held))
		case f.fell:
			said = append(said, fmt.Sprintf("%d fell", i))
		}
		if f.flaps {
			said = append(said, fmt.Sprintf("%d flaps %v", i, h.flapping))
		}
	}
	return said
}

func TestHeldDown(t *testing.T) {
	limits := topology.Probe{Every: 250 * ms, DownAfter: 2, UpAfter: 2, HoldDown: time.Second}
	for script, want := range map[string][]string{
		"+++":                        {"0 up"},
		"++--+++++++":                {"0 up", "3 down", "5 held 750ms", "8 up"},
		"++--++-+++++++":             {"0 up", "3 down", "5 held 750ms", "7 held 1s", "11 up"}, // one failure, and it begins anew
		"++--+++--+++++":             {"0 up", "3 down", "5 held 750ms", "8 fell", "10 held 1.75s"},
		"--++++++++":                 {"1 down", "3 held 750ms", "6 up"},
		"++-- ++-- ++-- +":           {"0 up", "3 down", "5 held 750ms", "7 fell", "9 held 1.75s", "11 fell", "11 flaps true"},
		"++-- ++-- ++-- " + plus(13): {"0 up", "3 down", "5 held 750ms", "7 fell", "9 held 1.75s", "11 fell", "11 flaps true", "13 held 2.75s", "24 up"},
		"++-- ++-- ++-- " + plus(140): {
			"0 up", "3 down", "5 held 750ms", "7 fell", "9 held 1.75s", "11 fell", "11 flaps true", "13 held 2.75s", "24 up", "124 flaps false",
		},
	} {
		if got := heard(limits, script); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", script, got, want)
		}
	}
}

func plus(n int) string { return strings.Repeat("+", n) }

// Whatever probes come to: a region is down after DownAfter failures in a row and not before, and is up again after
// UpAfter answers in a row and HoldDown of nothing else. Holding down never moves users more often than not holding.
func TestWhateverProbesComeTo(t *testing.T) {
	for seed := range uint64(300) {
		draw := rand.New(rand.NewPCG(seed, 1))
		limits := topology.Probe{
			Every: 250 * ms, DownAfter: 1 + draw.IntN(4), UpAfter: 1 + draw.IntN(5), HoldDown: time.Duration(draw.IntN(4)) * time.Second,
		}
		eager := limits
		eager.HoldDown = 0
		h, without := health{limits: limits}, health{limits: eager}
		turns, more := 0, 0
		var results []bool // failed
		failing := false
		for i := range 400 {
			if draw.Float64() < 0.15 {
				failing = !failing
			}
			results = append(results, failing)
			was, at := h.verdict, time.Duration(i)*limits.Every
			f := h.take(failing, at)
			if without.take(failing, at).turned {
				more++
			}
			if f.turned != (h.verdict != was) {
				t.Fatalf("seed %d, probe %d: turned %v, from %v to %v", seed, i, f.turned, was, h.verdict)
			}
			same := 1
			for same < len(results) && results[len(results)-1-same] == failing {
				same++
			}
			if f.turned {
				turns++
			}
			held := time.Duration(same-1) * limits.Every
			switch {
			case failing && same >= limits.DownAfter && h.verdict != isDown:
				t.Fatalf("seed %d, probe %d: %d failures and not down", seed, i, same)
			case h.verdict == isDown && was == isUp && (!failing || same < limits.DownAfter):
				t.Fatalf("seed %d, probe %d: down after %d of %d", seed, i, same, limits.DownAfter)
			case h.verdict == isUp && was == isDown && (failing || same < limits.UpAfter || held < limits.HoldDown):
				t.Fatalf("seed %d, probe %d: up after %d of %d and %s of %s", seed, i, same, limits.UpAfter, held, limits.HoldDown)
			case h.verdict == isDown && held >= limits.Hold(100) && same >= limits.UpAfter && !failing:
				t.Fatalf("seed %d, probe %d: answered for %s and still down", seed, i, held)
			}
		}
		if turns > more {
			t.Errorf("seed %d: %d turns held down by %s, %d without", seed, turns, limits.HoldDown, more)
		}
	}
}
