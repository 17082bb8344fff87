package comparison

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// findings is what the judged runs of a comparison came to: a sentence for each number that has a best
// and differs, and one that adds them up. A run that was not judged is in none of them.
func findings(c Comparison) (all []string) {
	var judged []int
	for i, r := range c.Runs {
		if r.Judged() {
			judged = append(judged, i)
		}
	}
	if len(judged) < 2 {
		return nil
	}
	won := map[int][]string{} // by run, what speaks for it
	for _, row := range c.Rows {
		n := numberOf(row.Key)
		if n.best == "" {
			continue
		}
		best, rest := row.best(judged)
		if len(rest) == 0 {
			continue
		}
		for _, i := range best {
			if !slices.Contains(won[i], n.speaks) {
				won[i] = append(won[i], n.speaks)
			}
		}
		all = append(all, c.sentence(n.bestOf(row.Of), row, best, rest))
	}
	return append(all, c.sum(judged, won))
}

func numberOf(key string) number {
	return numbers[slices.IndexFunc(numbers, func(n number) bool { return n.key == key })]
}

// bestOf is what the best run did, of a dataset or population.
func (n number) bestOf(name string) string {
	switch {
	case strings.Contains(n.best, "%s") && name == "":
		return fmt.Sprintf(n.best, "users")
	case strings.Contains(n.best, "%s"):
		return fmt.Sprintf(n.best, name)
	case name != "":
		return n.best + " (" + name + ")"
	}
	return n.best
}

// best is the runs with as good as the least of a number, and those that have more. Both are empty of
// runs that do not have it, and all are best where none is apart.
func (r Row) best(among []int) (best, rest []int) {
	least := -1
	for _, i := range among {
		if r.Cells[i].Value != nil && (least < 0 || *r.Cells[i].Value < *r.Cells[least].Value) {
			least = i
		}
	}
	for _, i := range among {
		switch {
		case r.Cells[i].Value == nil:
		case r.Unit.apart(r.Cells[i], r.Cells[least]) == 0:
			best = append(best, i)
		default:
			rest = append(rest, i)
		}
	}
	return best, rest
}

// sentence is who did best, by which number, and what the others had.
func (c Comparison) sentence(did string, row Row, best, rest []int) string {
	with := func(runs []int) string {
		var parts []string
		for _, i := range runs {
			parts = append(parts, row.Cells[i].Text+" on "+c.Runs[i].Label)
		}
		return listed(parts)
	}
	var names []string
	for _, i := range best {
		names = append(names, c.Runs[i].Label)
	}
	verb := did
	if len(best) > 1 { // "needs" of one, "need" of several
		verb = strings.NewReplacer("costs ", "cost ", "needs ", "need ").Replace(did)
	}
	return fmt.Sprintf("%s %s: %s, against %s.", listed(names), verb, values(row, best), with(rest))
}

// values is the numbers of some runs.
func values(row Row, runs []int) string {
	var parts []string
	for _, i := range runs {
		parts = append(parts, row.Cells[i].Text)
	}
	return listed(slices.Compact(parts))
}

// sum says whether one run is best in all that differs, or what speaks for each.
func (c Comparison) sum(judged []int, won map[int][]string) string {
	var parts []string
	for _, i := range judged {
		if len(won[i]) > 0 {
			parts = append(parts, "for "+c.Runs[i].Label+" "+listed(won[i])+format.Word(len(won[i]), " speaks", " speak"))
		}
	}
	switch len(parts) {
	case 0:
		return "Nothing that was measured differs by more than two runs of one fleet do."
	case 1:
		return "In short: " + parts[0] + ", and nothing for another."
	}
	return "In short: " + strings.Join(parts, "; ") + "."
}

// listed is words as a sentence has them: "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
