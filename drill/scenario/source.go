package scenario

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// Bounds of a file. The largest that ships has 3 KB.
const (
	maxBytes    = 256 << 10
	maxDepth    = 8 // a probe's setting is at depth 4
	maxProblems = 40
)

// Problem is one thing that is wrong in a file. Line counts from 1; it is 0 for
// the file as a whole.
type Problem struct {
	File string
	Line int
	Text string // what is wrong; what would be right
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Problems is everything that is wrong, by file and line. It is the error of all
// files that could be read and are not right.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, 0, len(p))
	for i, problem := range p {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("and %d more problems", len(p)-i))
			break
		}
		lines = append(lines, problem.String())
	}
	return strings.Join(lines, "\n")
}

// source is a file being read, and what was found wrong in it so far.
type source struct {
	file     string
	ships    bool
	root     *yaml.Node // nil when it could not be parsed
	problems Problems
	also     Problems // of another file that this one names
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the file in it", file)
	}
	// One byte more, so that parse sees when a file is too long.
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return data, nil
}

// parse never fails: what is wrong with the YAML itself is a problem like others.
func parse(file string, data []byte) *source {
	s := &source{file: file}
	if len(data) > maxBytes {
		s.add(0, "is longer than %d KiB; a fleet or a drill takes a few", maxBytes>>10)
		return s
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		s.add(0, "is empty; see the files that ship for an example")
		return s
	} else if err != nil {
		s.syntax(err)
		return s
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		s.bad(&second, "a second document begins here; a file holds one")
		return s
	} else if !errors.Is(err, io.EOF) {
		s.syntax(err)
		return s
	}
	if len(doc.Content) != 1 || !s.plain(doc.Content[0], 1) {
		return s
	}
	s.root = doc.Content[0]
	return s
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// syntax turns an error of the YAML parser into a problem.
func (s *source) syntax(err error) {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	s.add(line, "this is not YAML: %s; look for a bracket, a quote or a colon that is missing, or a tab", strings.TrimPrefix(text, "yaml: "))
}

// plain refuses what makes YAML surprising: aliases, which multiply, tags, which
// change what a value is, and nesting without end.
func (s *source) plain(n *yaml.Node, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.bad(n, "anchors and aliases are not read here; write the value out")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		s.bad(n, "tags like %s are not read here; write the plain value", clip(n.Tag))
		return false
	case depth > maxDepth:
		s.bad(n, "is nested more than %d deep; see the files that ship for an example", maxDepth)
		return false
	}
	for _, c := range n.Content {
		if !s.plain(c, depth+1) {
			return false
		}
	}
	return true
}

func (s *source) bad(n *yaml.Node, format string, args ...any) { s.add(n.Line, format, args...) }

func (s *source) add(line int, format string, args ...any) {
	s.problems = append(s.problems, Problem{File: clean.Text(s.file), Line: line, Text: clean.Text(fmt.Sprintf(format, args...))})
}

func (s *source) err() error {
	if len(s.problems) == 0 && len(s.also) == 0 {
		return nil
	}
	slices.SortStableFunc(s.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Concat(s.problems, s.also)
}

// key is one key that a mapping takes.
type key struct {
	name string
	read func(*yaml.Node)
	// must is how to write it where it may not be left out; "" where it may.
	must string
}

// mapping reads a mapping strictly: each key once, none that is unknown, none
// missing. what is its name in a problem: "a region". It is false when n is none.
func (s *source) mapping(n *yaml.Node, what string, keys []key) bool {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if n.Kind != yaml.MappingNode {
		s.bad(n, "%s is written as keys and values; it takes %s", what, list(names))
		return false
	}
	seen, meant := map[string]int{}, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(keys, func(known key) bool { return k.Kind == yaml.ScalarNode && known.name == k.Value })
		switch first, twice := seen[k.Value]; {
		case at < 0:
			s.bad(k, "unknown key %s in %s%s", quote(k), what, hint(k.Value, names, "it takes"))
			meant[nearest(k.Value, names)] = true
		case twice:
			s.bad(k, "key %q is there twice, first in line %d; keep one", k.Value, first)
		default:
			seen[k.Value] = k.Line
			keys[at].read(v)
		}
	}
	for _, k := range keys {
		if _, there := seen[k.name]; !there && !meant[k.name] && k.must != "" {
			s.bad(n, "%s lacks %q; add %s", what, k.name, k.must)
		}
	}
	return true
}

// has reports whether the file has a key at its top.
func (s *source) has(name string) bool {
	if s.root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(s.root.Content); i += 2 {
		if s.root.Content[i].Value == name {
			return true
		}
	}
	return false
}

// list reads a list, one element after the other.
func (s *source) list(n *yaml.Node, what, example string, each func(*yaml.Node)) {
	switch {
	case n.Kind != yaml.SequenceNode:
		s.bad(n, "%s is written as a list; like %s", what, example)
	case len(n.Content) == 0:
		s.bad(n, "%s is an empty list; like %s", what, example)
	default:
		for _, e := range n.Content {
			each(e)
		}
	}
}

// quote shows a key or value as it stands in the file, in one short line.
func quote(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", clip(n.Value))
}

func clip(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
