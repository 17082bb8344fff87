package scenario

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// label is what a DNS label looks like (RFC 1123): names become the names of
// clusters, hosts and folders, and parts of paths.
var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// name reads a name that is a DNS label; "" when it is not.
func (s *source) name(n *yaml.Node, what, example string) string {
	v, ok := s.scalar(n, what, example)
	switch {
	case !ok:
		return ""
	case len(v) > 63 && label.MatchString(v[:1]):
		s.bad(n, "%s %s has %d letters; a name takes at most 63", what, quote(n), len(v))
		return ""
	case !label.MatchString(v):
		if right := slug(v); right != "" {
			example = right
		}
		s.bad(n, "%s %s is no name here; use lower-case letters, digits and hyphens inside, like %s", what, quote(n), example)
		return ""
	}
	return v
}

// newName reads a name that nothing else of its sort has yet.
func (s *source) newName(n *yaml.Node, what, example string, taken map[string]int) string {
	v := s.name(n, what, example)
	if v == "" {
		return ""
	}
	if line, twice := taken[v]; twice {
		s.bad(n, "%s %q is there twice, first in line %d; names are unique", what, v, line)
		return ""
	}
	taken[v] = n.Line
	return v
}

// oneOf reads a name that must be one of some.
func (s *source) oneOf(n *yaml.Node, what string, known []string, are string) (string, bool) {
	example := "one of them"
	if len(known) > 0 {
		example = known[0]
	}
	v, ok := s.scalar(n, what, example)
	if !ok {
		return "", false
	}
	if !slices.Contains(known, v) {
		s.bad(n, "there is no %s %s%s", what, quote(n), hint(v, known, are))
		return "", false
	}
	return v, true
}

// slug is the nearest name to a text that is a DNS label; it may be "".
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r < 128 && b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	v := b.String()
	return strings.Trim(v[:min(len(v), 63)], "-")
}

// hint ends a problem with what was probably meant, or else with what there is.
func hint(word string, known []string, are string) string {
	if near := nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "; " + are + " " + list(known)
}

// nearest is the known word that takes the fewest letters to change, if these are
// few: at most a third of it, and two for a swapped pair.
func nearest(word string, known []string) string {
	if len(word) > 80 {
		return ""
	}
	best, fewest := "", 0
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
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

// distance counts the letters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
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

// list is a few words as a person would say them; a long list ends in dots.
func list(words []string) string {
	const most = 20
	if len(words) > most {
		words = append(slices.Clone(words[:most]), "…")
	}
	return strings.Join(words, ", ")
}
