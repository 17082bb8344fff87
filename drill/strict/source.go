// Package strict reads the YAML files that people write, strictly: whatever is not understood is
// a problem that names the file, the line and what would be right, and all problems of a file
// are told at once. Who reads a kind of file says which keys it takes and what is in them.
//
// Files are read with go.yaml.in/yaml/v3, for its tree of nodes: every value
// keeps its line, aliases stay unexpanded (and are refused, so no file grows in
// memory), and kind brings the library along anyway.
package strict

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
	MaxBytes    = 256 << 10
	MaxDepth    = 8 // a probe's setting is at depth 4
	MaxProblems = 40
)

// Problem is one thing that is wrong in a file. Line and Column count from 1; Line is 0 for the file as a whole, and Column where
// only the line is known, as of what is no YAML.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"` // what is wrong; what would be right
}

// Located is the problem as compilers write one, for an editor to jump to: "file:line:column: text".
func (p Problem) Located() string {
	if p.Column == 0 {
		return p.String()
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
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
		if i == MaxProblems {
			lines = append(lines, fmt.Sprintf("and %d more problems", len(p)-i))
			break
		}
		lines = append(lines, problem.String())
	}
	return strings.Join(lines, "\n")
}

// Source is a file being read, and what was found wrong in it so far.
type Source struct {
	File     string
	Root     *yaml.Node // nil when it could not be parsed, or nothing is in it
	Empty    bool       // nothing is in it but comments
	Written  string     // the file, word for word
	Problems Problems
}

// Regular refuses what is no file that ends: a folder, a pipe or a device, which may keep whoever opens it waiting for ever. It is for
// files that another file names: a person may well name a pipe, and can end the wait. Who opens what is not there is told so then.
func Regular(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil
	case info.IsDir():
		return isFolder(file)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file; write what is to be read to one, and name that", file)
	}
	return nil
}

func isFolder(file string) error { return fmt.Errorf("%s is a folder; name the file in it", file) }

// ReadFile reads a file that Parse takes; of a longer one, enough for Parse to say so.
func ReadFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, isFolder(file)
	}
	// One byte more, so that parse sees when a file is too long.
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return data, nil
}

// Parse never fails: what is wrong with the YAML itself is a problem like others.
func Parse(file string, data []byte) *Source {
	s := &Source{File: file}
	if len(data) > MaxBytes {
		s.Add(0, "is longer than %d KiB; such a file takes a few", MaxBytes>>10)
		return s
	}
	s.Written = string(data)
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		s.Empty = true
		return s
	} else if err != nil {
		s.syntax(err)
		return s
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		s.Bad(&second, "a second document begins here; a file holds one")
		return s
	} else if !errors.Is(err, io.EOF) {
		s.syntax(err)
		return s
	}
	if len(doc.Content) != 1 || !s.plain(doc.Content[0], 1) {
		return s
	}
	s.Root = doc.Content[0]
	return s
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// syntax turns an error of the YAML parser into a problem.
func (s *Source) syntax(err error) {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	s.Add(line, "this is not YAML: %s; look for a bracket, a quote or a colon that is missing, or a tab", strings.TrimPrefix(text, "yaml: "))
}

// plain refuses what makes YAML surprising: aliases, which multiply, tags, which
// change what a value is, and nesting without end.
func (s *Source) plain(n *yaml.Node, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		s.Bad(n, "anchors and aliases are not read here; write the value out")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		s.Bad(n, "tags like %s are not read here; write the plain value", Clip(n.Tag))
		return false
	case depth > MaxDepth:
		s.Bad(n, "is nested more than %d deep; see the files that ship for an example", MaxDepth)
		return false
	}
	for _, c := range n.Content {
		if !s.plain(c, depth+1) {
			return false
		}
	}
	return true
}

// Bad notes what is wrong with a node, and what would be right.
func (s *Source) Bad(n *yaml.Node, format string, args ...any) {
	s.add(n.Line, n.Column, format, args...)
}

// Add notes a problem of a line; 0 is the file as a whole.
func (s *Source) Add(line int, format string, args ...any) { s.add(line, 0, format, args...) }

func (s *Source) add(line, column int, format string, args ...any) {
	s.Problems = append(s.Problems, Problem{File: clean.Text(s.File), Line: line, Column: column, Text: clean.Text(fmt.Sprintf(format, args...))})
}

// Err is all problems so far by their lines; nil where there is none.
func (s *Source) Err() error {
	if len(s.Problems) == 0 {
		return nil
	}
	slices.SortStableFunc(s.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Clone(s.Problems)
}

// Key is one key that a mapping takes.
type Key struct {
	Name string
	Read func(*yaml.Node)
	// Must is how to write it where it may not be left out; "" where it may.
	Must string
}

// Mapping reads a mapping strictly: each key once, none that is unknown, none
// missing. what is its name in a problem: "a region". It is false when n is none.
func (s *Source) Mapping(n *yaml.Node, what string, keys []Key) bool {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	if n.Kind != yaml.MappingNode {
		s.Bad(n, "%s is written as keys and values; it takes %s", what, Enumerate(names))
		return false
	}
	seen, meant := map[string]int{}, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(keys, func(known Key) bool { return k.Kind == yaml.ScalarNode && known.Name == k.Value })
		switch first, twice := seen[k.Value]; {
		case at < 0:
			s.Bad(k, "unknown key %s in %s%s", Quote(k), what, Hint(k.Value, names, "it takes"))
			meant[Nearest(k.Value, names)] = true
		case twice:
			s.Bad(k, "key %q is there twice, first in line %d; keep one", k.Value, first)
		default:
			seen[k.Value] = k.Line
			keys[at].Read(v)
		}
	}
	for _, k := range keys {
		if _, there := seen[k.Name]; !there && !meant[k.Name] && k.Must != "" {
			s.Bad(n, "%q is missing in %s; add %s", k.Name, what, k.Must)
		}
	}
	return true
}

// Has reports whether the file has a key at its top.
func (s *Source) Has(name string) bool {
	if s.Root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(s.Root.Content); i += 2 {
		if s.Root.Content[i].Value == name {
			return true
		}
	}
	return false
}

// List reads a list, one element after the other.
func (s *Source) List(n *yaml.Node, what, example string, each func(*yaml.Node)) {
	switch {
	case n.Kind != yaml.SequenceNode:
		s.Bad(n, "%s is written as a list; like %s", what, example)
	case len(n.Content) == 0:
		s.Bad(n, "%s is an empty list; like %s", what, example)
	default:
		for _, e := range n.Content {
			each(e)
		}
	}
}

// Quote shows a key or value as it stands in the file, in one short line.
func Quote(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", Clip(n.Value))
}

// Clip is a text as it is shown in a problem: its beginning, where it is long.
func Clip(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
