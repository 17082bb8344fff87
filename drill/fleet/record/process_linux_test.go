package record

import "testing"

func TestParseStat(t *testing.T) {
	const rest = " 1 2 3 0 -1 4194304 99 0 0 0 1 2 0 0 20 0 5 0 123456 1000 2 18446744073709551615"
	tests := []struct {
		name, stat string
		state      byte
		ticks      int64
		fails      bool
	}{
		{"plain", "47 (fleetdrill) S" + rest, 'S', 123456, false},
		{"name with a bracket and blanks", "47 (a) R 1 (b) T" + rest, 'T', 123456, false},
		{"zombie", "47 (x) Z" + rest, 'Z', 123456, false},
		{"short", "47 (x) S 1 2 3", 0, 0, true},
		{"empty", "", 0, 0, true},
		{"no number", "47 (x) S 1 2 3 0 -1 4194304 99 0 0 0 1 2 0 0 20 0 5 0 x 1000", 0, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			state, ticks, err := parseStat([]byte(tt.stat))
			if (err != nil) != tt.fails || (err == nil && (state != tt.state || ticks != tt.ticks)) {
				t.Errorf("got %c %d %v", state, ticks, err)
			}
		})
	}
}
