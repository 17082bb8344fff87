package history

import (
	"maps"
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// What a standby lacks of the next timeline comes in one piece where it is short, and in the
// same file of the log.
func TestAhead(t *testing.T) {
	const fork = 3<<20 + 5000
	second, third := "1\t0/301388\tno reason\n", "1\t0/301388\tno reason\n2\t0/401000\tno reason\n"
	tail := []byte("records")
	for name, c := range map[string]struct {
		mine      Past
		theirs    Past
		histories []string
		next      string
		offset    int
	}{
		"behind the fork": {
			Past{Timeline: 1, position: fork - 1000},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second}, tail: tail, from: fork - 1000},
			[]string{"00000002.history"}, "000000020000000000000003", 4000,
		},
		"at the fork": {
			Past{Timeline: 1, position: fork},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second}, tail: tail, from: fork},
			[]string{"00000002.history"}, "", 0,
		},
		"too far behind for a tail": {
			Past{Timeline: 1, position: fork - 1000},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second}, from: fork - 1000},
			[]string{"00000002.history"}, "", 0,
		},
		"a tail of before it was demoted": {
			Past{Timeline: 1, position: fork - 1000},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second}, tail: tail, from: fork - 900},
			[]string{"00000002.history"}, "", 0,
		},
		"two timelines behind": {
			Past{Timeline: 1, position: fork - 1000},
			Past{Timeline: 3, histories: map[string]string{"00000002.history": second, "00000003.history": third}, tail: tail, from: fork - 1000},
			[]string{"00000002.history", "00000003.history"}, "", 0,
		},
		"on its timeline": {
			Past{Timeline: 2, position: fork + 1000},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second}, tail: tail, from: fork + 1000},
			nil, "", 0,
		},
		"of a later one that came to nothing": {
			Past{Timeline: 1, position: fork},
			Past{Timeline: 2, histories: map[string]string{"00000002.history": second, "00000003.history": third}},
			[]string{"00000002.history"}, "", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.theirs.Ahead(c.mine)
			if names := slices.Sorted(maps.Keys(got.Histories)); !slices.Equal(names, c.histories) {
				t.Errorf("histories %v, want %v", names, c.histories)
			}
			if got.Next != c.next || int(got.From%server.Segment) != c.offset || (got.Next != "") != (len(got.Tail) > 0) {
				t.Errorf("%+v, want %q at %d", got, c.next, c.offset)
			}
			if c.next != "" && got.Last != "000000010000000000000003" {
				t.Errorf("goes on from %s", got.Last)
			}
		})
	}
	if got := segmentName(0x1a, 1<<32+0xfff<<20+7); got != "0000001A0000000100000FFF" {
		t.Errorf("the file of the log is %s", got)
	}
}
