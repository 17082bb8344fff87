package drill

import "slices"

// Apart reports whether a fault that holds keeps two places from talking.
func (s *State) Apart(a, b string) bool {
	return slices.ContainsFunc(s.Partitions(), func(f *Fault) bool { return f.Effect.Separates(a, b) })
}
