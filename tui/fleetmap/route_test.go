package fleetmap

import "testing"

// Labels stand as near to their anchors as they can, and never on each other.
func TestLabelsStandSideBySide(t *testing.T) {
	for _, tt := range []struct {
		name            string
		anchors, widths []int
		w               int
		fit             bool
	}{
		{"three above one card", []int{24, 31, 37}, []int{8, 13, 7}, 96, true},
		{"at the left edge", []int{2, 4}, []int{10, 10}, 40, true},
		{"at the right edge", []int{36, 38}, []int{10, 10}, 40, true},
		{"not in the order of their places", []int{30, 10, 31}, []int{9, 9, 9}, 60, true},
		{"just so", []int{20, 20, 20}, []int{9, 9, 8}, 30, true},
		{"too many", []int{20, 20, 20}, []int{9, 9, 9}, 30, false},
		{"nobody", nil, nil, 30, true},
	} {
		starts, fit := sideBySide(tt.anchors, tt.widths, tt.w)
		if fit != tt.fit {
			t.Errorf("%s: fit %v", tt.name, fit)
		}
		for i, at := range starts {
			if tt.fit && (at < 0 || at+tt.widths[i] > tt.w) {
				t.Errorf("%s: %d is outside at %d", tt.name, i, at)
			}
			for j, other := range starts {
				if tt.fit && j != i && at <= other && at+tt.widths[i] >= other {
					t.Errorf("%s: %d at %d touches %d at %d", tt.name, i, at, j, other)
				}
			}
		}
	}
	if starts, _ := sideBySide([]int{14, 49, 84}, []int{13, 11, 9}, 96); starts[0] != 8 || starts[1] != 44 || starts[2] != 80 {
		t.Errorf("with room for all they stand at %v, not above their anchors", starts)
	}
}

// A line begins under its own population's name, and on its home's card.
func TestLinesBeginUnderTheirNames(t *testing.T) {
	p := picture{w: 26, cards: []int{4, 54}, routes: []route{{home: 0}, {home: 0}, {home: 0}, {home: 1}}}
	widths := []int{8, 13, 7, 11}
	starts, _ := sideBySide(anchors(p), widths, 84)
	lines := p.under(anchors(p), starts, widths)
	for i, x := range lines {
		card := p.cards[p.routes[i].home]
		if x < starts[i] || x >= starts[i]+widths[i] || x <= card || x >= card+p.w-1 {
			t.Errorf("%d: a line at %d, its name at %d to %d, its card at %d", i, x, starts[i], starts[i]+widths[i], card)
		}
	}
	crowd := picture{w: 20, cards: []int{0}, routes: make([]route, 9)}
	widths = []int{9, 9, 9, 9, 9, 9, 9, 9, 9}
	starts, _ = sideBySide(anchors(crowd), widths, 99)
	seen := map[int]bool{}
	for i, x := range crowd.under(anchors(crowd), starts, widths) {
		if seen[x] {
			t.Errorf("%d: two lines at %d", i, x)
		}
		seen[x] = true
	}
}
