package scenario

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// Problem is one thing that is wrong in a file, and Problems everything that is.
type (
	Problem  = strict.Problem
	Problems = strict.Problems
)

// source is a fleet or drill file being read, and what was found wrong in it so far.
type source struct {
	*strict.Source
	ships bool
	also  Problems // of another file that this one names
}

// parse never fails: what is wrong with the YAML itself is a problem like others.
func parse(file string, data []byte) *source {
	s := &source{Source: strict.Parse(file, data)}
	if s.Empty {
		s.Add(0, "is empty; see the files that ship for an example")
	}
	return s
}

func (s *source) err() error {
	if found, _ := s.Err().(Problems); len(found)+len(s.also) > 0 {
		return slices.Concat(found, s.also)
	}
	return nil
}

// key is a key that a mapping takes, written as {name, read, must}.
type key strict.Key

// mapping reads a mapping strictly, see strict.Source.Mapping.
func (s *source) mapping(n *yaml.Node, what string, keys []key) bool {
	all := make([]strict.Key, len(keys))
	for i, k := range keys {
		all[i] = strict.Key(k)
	}
	return s.Mapping(n, what, all)
}
