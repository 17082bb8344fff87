// Package linear judges a history: whether its writes and reads are linearizable (by
// porcupine), whether positions rise as time does, and whether what a region once showed of
// a dataset stays. It shares nothing with the ledger but the clients whose requests both saw.
package linear

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/fleetdrill/fleetdrill/drill/history"
)

// call is an operation from its beginning to its end, which are the indexes of its lines:
// they are in the order of time, and no two are equal.
type call struct {
	begun, ended history.Op
	from, to     int64 // to is forever where nobody knows the end
	known        bool  // it took effect, and what it was told is in ended
}

const forever = math.MaxInt64

// calls pairs the lines of a dataset, without what certainly took no effect and without reads that were
// not answered.
func calls(ops []history.Op, dataset string) ([]call, error) {
	if err := history.WellFormed(ops); err != nil {
		return nil, fmt.Errorf("not a history: %w", err)
	}
	open := map[int]history.Op{}
	var all []call
	unknown := func(op history.Op) {
		if op.F == history.Write {
			all = append(all, call{begun: op, from: int64(op.Index), to: forever})
		}
	}
	for _, op := range ops {
		if op.Process == history.Nemesis || op.Dataset != dataset {
			continue
		}
		begun := open[op.Process]
		delete(open, op.Process)
		switch op.Type {
		case history.Invoke:
			open[op.Process] = op
		case history.Info:
			unknown(begun)
		case history.OK:
			all = append(all, call{begun: begun, ended: op, from: int64(begun.Index), to: int64(op.Index), known: true})
		}
	}
	for _, op := range open {
		unknown(op)
	}
	slices.SortFunc(all, func(a, b call) int { return int(a.from - b.from) })
	return all, nil
}

// Judgement is what came of a check.
type Judgement struct {
	Keys, Writes, Unknown, Reads int // what was judged; Unknown of the writes may or may not have taken effect
	// Violations name each key that no order of its operations explains, with all of them.
	Violations []string
	// Undecided are keys for which the time was not enough: nothing is known of them.
	Undecided []string
}

func (j Judgement) String() string {
	out := fmt.Sprintf("%d keys, %d writes (%d unknown), %d reads: %d keys violate it, %d undecided",
		j.Keys, j.Writes, j.Unknown, j.Reads, len(j.Violations), len(j.Undecided))
	for _, v := range j.Violations[:min(5, len(j.Violations))] {
		out += "\n" + v
	}
	return out
}

// register is a key: empty until it is written.
var register = porcupine.Model{
	Init: func() any { return history.Nil },
	Step: func(state, input, output any) (bool, any) {
		if op := input.(history.Op); op.F == history.Write {
			return true, op.Value
		}
		return output == state, state
	},
}

// Check judges a dataset's writes and reads (history.Read; a region's own reads do not claim it): is
// there one order of them that agrees with time, in which each read finds what was
// written last? within bounds the time of it all.
func Check(ops []history.Op, dataset string, within time.Duration) (Judgement, error) {
	all, err := calls(ops, dataset)
	if err != nil {
		return Judgement{}, err
	}
	byKey := map[string][]porcupine.Operation{}
	var keys []string
	var j Judgement
	for _, c := range all {
		switch {
		case c.begun.F == history.Write && c.known:
			j.Writes++
		case c.begun.F == history.Write:
			j.Writes++
			j.Unknown++
		case c.begun.F == history.Read:
			j.Reads++
		default:
			continue
		}
		key := c.begun.Key
		if _, seen := byKey[key]; !seen {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], porcupine.Operation{
			ClientId: c.begun.Process, Input: c.begun, Output: c.ended.Value, Call: c.from, Return: c.to,
		})
	}
	j.Keys = len(keys)
	until := time.Now().Add(within)
	for _, key := range keys {
		left := time.Until(until)
		if left <= 0 { // porcupine takes 0 for no limit
			j.Undecided = append(j.Undecided, key)
			continue
		}
		switch porcupine.CheckOperationsTimeout(register, byKey[key], left) {
		case porcupine.Illegal:
			j.Violations = append(j.Violations, describe(key, byKey[key]))
		case porcupine.Unknown:
			j.Undecided = append(j.Undecided, key)
		}
	}
	return j, nil
}

func describe(key string, ops []porcupine.Operation) string {
	lines := []string{"key " + key + ":"}
	for _, o := range ops {
		in, ends := o.Input.(history.Op), fmt.Sprint("line ", o.Return)
		if o.Return == forever {
			ends = "nobody knows"
		}
		value := in.Value
		if in.F == history.Read {
			value = o.Output.(history.Value)
		}
		lines = append(lines, fmt.Sprintf("  %s %s, process %d, from line %d (%s) to %s", in.F, value, in.Process, o.Call, in.Time, ends))
	}
	return strings.Join(lines, "\n")
}

// Order returns acknowledged writes whose positions do not rise as time does: one that began after another
// was acknowledged stands behind it. A lost position that was given out again shows up here.
func Order(ops []history.Op, dataset string) ([]string, error) {
	all, err := calls(ops, dataset)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c call) bool { return c.begun.F != history.Write || !c.known })
	slices.SortStableFunc(all, func(a, b call) int { return int(a.ended.Position) - int(b.ended.Position) })
	var wrong []string
	latest := call{from: -1} // of all that stand before: the one that began last
	for i, c := range all {
		if i > 0 && c.ended.Position == all[i-1].ended.Position {
			wrong = append(wrong, fmt.Sprintf("%s and %s were both acknowledged at position %d", all[i-1].begun.Key, c.begun.Key, c.ended.Position))
		}
		if c.to < latest.from {
			wrong = append(wrong, fmt.Sprintf("%s at position %d was acknowledged (line %d) before %s at position %d began (line %d)",
				c.begun.Key, c.ended.Position, c.to, latest.begun.Key, latest.ended.Position, latest.from))
		}
		if c.from > latest.from {
			latest = c
		}
	}
	return wrong, nil
}

// Prefix returns the regions' own reads that break what a replica promises of acknowledged writes: that
// it has a prefix of them, which only grows. Where a region has shown an acknowledged write, it
// afterwards has that one, and each that was acknowledged before that one began. It returns reads of
// values that nobody wrote, too. skip leaves a read out: a replica that is being copied anew has lost its past.
func Prefix(ops []history.Op, dataset string, skip func(history.Op) bool) (wrong []string, judged int, err error) {
	all, err := calls(ops, dataset)
	if err != nil {
		return nil, 0, err
	}
	writes := map[string]call{}
	var reads []call
	for _, c := range all {
		if c.begun.F == history.Write {
			writes[c.begun.Key] = c
		} else {
			reads = append(reads, c)
		}
	}
	// Each region's horizon: the write that began last of those that it has shown in reads that
	// are over. Reads are taken by their beginning, what they showed counts from their end.
	over := slices.Clone(reads)
	slices.SortFunc(over, func(a, b call) int { return int(a.to - b.to) })
	horizon := map[string]call{}
	type place struct{ node, key string }
	shown := map[place]bool{}
	next := 0
	for _, r := range reads {
		for ; next < len(over) && over[next].to < r.from; next++ {
			o := over[next]
			w, ours := writes[o.begun.Key]
			if !o.ended.Value.Known || !ours || !w.known {
				continue
			}
			shown[place{o.ended.Node, o.begun.Key}] = true
			if w.from > horizon[o.ended.Node].from {
				horizon[o.ended.Node] = w
			}
		}
		w, ours := writes[r.begun.Key]
		switch {
		case r.ended.Value.Known && (!ours || w.begun.Value != r.ended.Value || w.from > r.to):
			wrong = append(wrong, fmt.Sprintf("line %d: %s has %s for key %s, which nobody had written", r.to, r.ended.Node, r.ended.Value, r.begun.Key))
			continue
		case r.ended.Value.Known || !ours || !w.known || skip != nil && skip(r.ended):
			continue
		}
		judged++
		seen := horizon[r.ended.Node]
		switch {
		case shown[place{r.ended.Node, r.begun.Key}]:
			wrong = append(wrong, fmt.Sprintf("line %d: %s lacks key %s, which it has shown", r.to, r.ended.Node, r.begun.Key))
		case w.to < seen.from:
			wrong = append(wrong, fmt.Sprintf("line %d: %s lacks key %s, acknowledged in line %d, and has shown %s, which began in line %d",
				r.to, r.ended.Node, r.begun.Key, w.to, seen.begun.Key, seen.from))
		}
	}
	return wrong, judged, nil
}
