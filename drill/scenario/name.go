package scenario

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// label is what a DNS label looks like (RFC 1123): names become the names of
// clusters, hosts and folders, and parts of paths.
var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// name reads a name that is a DNS label; "" when it is not.
func (s *source) name(n *yaml.Node, what, example string) string {
	v, ok := s.Scalar(n, what, example)
	switch {
	case !ok:
		return ""
	case len(v) > 63 && label.MatchString(v[:1]):
		s.Bad(n, "%s %s has %d letters; a name takes at most 63", what, strict.Quote(n), len(v))
		return ""
	case !label.MatchString(v):
		if right := slug(v); right != "" {
			example = right
		}
		s.Bad(n, "%s %s is no name here; use lower-case letters, digits and hyphens inside, like %s", what, strict.Quote(n), example)
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
		s.Bad(n, "%s %q is there twice, first in line %d; names are unique", what, v, line)
		return ""
	}
	taken[v] = n.Line
	return v
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
