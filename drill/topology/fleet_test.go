package topology

import (
	"slices"
	"testing"
)

func TestDomain(t *testing.T) {
	f := Fleet{Regions: []Region{{Name: "a", Cluster: "one"}, {Name: "b"}, {Name: "c", Cluster: "one"}, {Name: "d", Cluster: "two"}}}
	for region, want := range map[string][]string{"a": {"a", "c"}, "c": {"a", "c"}, "b": {"b"}, "d": {"d"}, "e": nil} {
		if got := f.Domain(region); !slices.Equal(got, want) {
			t.Errorf("domain of %s is %v, want %v", region, got, want)
		}
	}
}
