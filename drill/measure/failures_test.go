package measure

import (
	"slices"
	"testing"
)

// The most frequent reason comes first; one that never came up is none.
func TestReasons(t *testing.T) {
	got := Reasons(map[string]int{"timeout": 3, "shed": 42, "upstream": 3, "reset": 0})
	if want := []Reason{{"shed", 42}, {"timeout", 3}, {"upstream", 3}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
