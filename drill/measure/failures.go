package measure

import (
	"cmp"
	"slices"
)

// Reason is why requests failed ("shed", "timeout", …), and how many did for it.
type Reason struct {
	Why string
	N   int
}

// Reasons is counts by reason as a list, the most frequent first.
func Reasons(by map[string]int) []Reason {
	var all []Reason
	for why, n := range by {
		if n > 0 {
			all = append(all, Reason{Why: why, N: n})
		}
	}
	slices.SortFunc(all, func(a, b Reason) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Why, b.Why)) })
	return all
}
