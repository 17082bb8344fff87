package strict

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// OneOf reads a name that must be one of some.
func (s *Source) OneOf(n *yaml.Node, what string, known []string, are string) (string, bool) {
	example := "one of them"
	if len(known) > 0 {
		example = known[0]
	}
	v, ok := s.Scalar(n, what, example)
	if !ok {
		return "", false
	}
	if !slices.Contains(known, v) {
		s.Bad(n, "there is no %s %s%s", what, Quote(n), Hint(v, known, are))
		return "", false
	}
	return v, true
}

// Hint ends a problem with what was probably meant, or else with what there is.
func Hint(word string, known []string, are string) string {
	if near := Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "; " + are + " " + Enumerate(known)
}

// Nearest is the known word that takes the fewest letters to change, if these are
// few: at most a third of it, and two for a swapped pair.
func Nearest(word string, known []string) string {
	if len(word) > 80 {
		return ""
	}
	best, fewest := "", 0
	for _, k := range known {
		d := Distance(strings.ToLower(word), strings.ToLower(k))
		limit := len(k) / 3
		if len(k) >= 3 {
			limit = max(limit, 2)
		}
		// Nothing of the word must be left for it to be another one.
		if d <= limit && d < len(k)-1 && (best == "" || d < fewest) {
			best, fewest = k, d
		}
	}
	return best
}

// Distance counts the letters to insert, remove or replace (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			same := corner
			if a[i] != b[j] {
				same++
			}
			corner = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Enumerate is a few words as a person would say them; a long list ends in dots.
func Enumerate(words []string) string {
	const most = 24
	if len(words) > most {
		words = append(slices.Clone(words[:most]), "…")
	}
	return strings.Join(words, ", ")
}
