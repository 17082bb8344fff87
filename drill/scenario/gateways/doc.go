// Package gateways reads what a fleet file says of how its regions' gateways find each other.
package gateways

import (
	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// key is a key that a mapping takes, written as {name, read, must}.
type key strict.Key

// mapping reads a mapping strictly, see strict.Source.Mapping.
func mapping(s *strict.Source, n *yaml.Node, what string, keys []key) {
	all := make([]strict.Key, len(keys))
	for i, k := range keys {
		all[i] = strict.Key(k)
	}
	s.Mapping(n, what, all)
}
