package history

import "testing"

// What has to be done is told by rows of epochs and positions, not by the numbers of
// timelines, which two servers that were promoted apart choose alike.
func TestCompare(t *testing.T) {
	one := Epoch{number: 1, region: "a", nonce: "1", Timeline: 1}
	byB := Epoch{number: 2, region: "b", nonce: "2", Timeline: 2, low: 40, fork: 1000}
	byC := Epoch{number: 3, region: "c", nonce: "3", Timeline: 2, low: 30, fork: 900}
	later := Epoch{number: 4, region: "b", nonce: "4", Timeline: 2, low: 60, fork: 1000}
	third := Epoch{number: 5, region: "c", nonce: "5", Timeline: 3, low: 70, fork: 2000}
	for name, c := range map[string]struct {
		mine, theirs Past
		want         Strategy
		common       uint64
		low          int64
	}{
		"a standby of the same history": {
			Past{Standby: true, epochs: []Epoch{one}, position: 800}, Past{epochs: []Epoch{one}, position: 900}, ToStream, 1, 0},
		"a standby that had not got further than the fork": {
			Past{Standby: true, epochs: []Epoch{one}, position: 1000}, Past{epochs: []Epoch{one, byB}}, ToStream, 1, 40},
		"a standby that is ahead of the one promoted": {
			Past{Standby: true, epochs: []Epoch{one}, position: 1001}, Past{epochs: []Epoch{one, byB}}, ToRewind, 1, 40},
		"the old authority, with more": {
			Past{epochs: []Epoch{one}, position: 1100, Timeline: 1}, Past{epochs: []Epoch{one, byB}}, ToRewind, 1, 40},
		"the old authority, with no more": {
			Past{epochs: []Epoch{one}, position: 1000, Timeline: 1}, Past{epochs: []Epoch{one, byB}}, ToDemote, 1, 40},
		"two failovers missed": {
			Past{Standby: true, epochs: []Epoch{one}, position: 1500}, Past{epochs: []Epoch{one, byB, later, third}}, ToRewind, 1, 40},
		"one of two failovers missed, behind the second's fork": {
			Past{Standby: true, epochs: []Epoch{one, byB, later}, position: 2100}, Past{epochs: []Epoch{one, byB, later, third}}, ToRewind, 4, 70},
		"one of two failovers missed, before it": {
			Past{Standby: true, epochs: []Epoch{one, byB, later}, position: 1900}, Past{epochs: []Epoch{one, byB, later, third}}, ToStream, 4, 70},
		"two promoted apart, with one number for two timelines": {
			Past{epochs: []Epoch{one, byB}, position: 1100, Timeline: 2}, Past{epochs: []Epoch{one, byC}}, ToClone, 1, 30},
		"a standby of another one that was promoted, before its epoch came": {
			Past{Standby: true, epochs: []Epoch{one}, position: 850, Timeline: 2}, Past{epochs: []Epoch{one, byC}}, ToClone, 1, 30},
		"promoted, and never got to write its epoch": {
			Past{epochs: []Epoch{one}, position: 1100, Timeline: 2}, Past{epochs: []Epoch{one, byC}}, ToClone, 1, 30},
		"promoted to a timeline that nobody else has": {
			Past{epochs: []Epoch{one}, position: 1100, Timeline: 7}, Past{epochs: []Epoch{one, byC}}, ToRewind, 1, 30},
		"the same authority again, on its own timeline": {
			Past{Standby: true, epochs: []Epoch{one, byB}, position: 1400, Timeline: 2}, Past{epochs: []Epoch{one, byB, later}}, ToStream, 2, 60},
		"the same epoch begun twice": {
			Past{epochs: []Epoch{{number: 1, region: "a", nonce: "x", Timeline: 1}}, position: 1, Timeline: 1}, Past{epochs: []Epoch{one}}, ToClone, 0, 0},
		"another cluster": {
			Past{system: 1, epochs: []Epoch{one}}, Past{system: 2, epochs: []Epoch{one}}, ToClone, 0, 0},
		"nothing in common": {
			Past{}, Past{epochs: []Epoch{one}}, ToClone, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			todo, common, low := Compare(c.mine, c.theirs)
			if todo != c.want || common != c.common || low != c.low {
				t.Errorf("strategy %d, common epoch %d, from idx %d; want %d, %d, %d", todo, common, low, c.want, c.common, c.low)
			}
		})
	}
}

func TestParsePosition(t *testing.T) {
	if at, err := parsePosition("16/B374D848"); err != nil || at != 0x16B374D848 {
		t.Errorf("%x, %v", at, err)
	}
	for _, bad := range []string{"", "16", "x/1", "1/y", "1/100000000"} {
		if at, err := parsePosition(bad); err == nil {
			t.Errorf("%q was taken for %x", bad, at)
		}
	}
}
