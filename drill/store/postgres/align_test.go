package postgres

import (
	"log/slog"
	"testing"
)

// What has to be done is told by rows of epochs and positions, not by the numbers of
// timelines, which two servers that were promoted apart choose alike.
func TestCompare(t *testing.T) {
	one := reign{epoch: 1, region: "a", nonce: "1", timeline: 1}
	byB := reign{epoch: 2, region: "b", nonce: "2", timeline: 2, low: 40, fork: 1000}
	byC := reign{epoch: 3, region: "c", nonce: "3", timeline: 2, low: 30, fork: 900}
	later := reign{epoch: 4, region: "b", nonce: "4", timeline: 2, low: 60, fork: 1000}
	third := reign{epoch: 5, region: "c", nonce: "5", timeline: 3, low: 70, fork: 2000}
	for name, c := range map[string]struct {
		mine, theirs past
		want         course
		common       uint64
		low          int64
	}{
		"a standby of the same history": {
			past{standby: true, reigns: []reign{one}, position: 800}, past{reigns: []reign{one}, position: 900}, toStream, 1, 0},
		"a standby that had not got further than the fork": {
			past{standby: true, reigns: []reign{one}, position: 1000}, past{reigns: []reign{one, byB}}, toStream, 1, 40},
		"a standby that is ahead of the one promoted": {
			past{standby: true, reigns: []reign{one}, position: 1001}, past{reigns: []reign{one, byB}}, toRewind, 1, 40},
		"the old authority, with more": {
			past{reigns: []reign{one}, position: 1100, timeline: 1}, past{reigns: []reign{one, byB}}, toRewind, 1, 40},
		"the old authority, with no more": {
			past{reigns: []reign{one}, position: 1000, timeline: 1}, past{reigns: []reign{one, byB}}, toDemote, 1, 40},
		"two failovers missed": {
			past{standby: true, reigns: []reign{one}, position: 1500}, past{reigns: []reign{one, byB, later, third}}, toRewind, 1, 40},
		"one of two failovers missed, behind the second's fork": {
			past{standby: true, reigns: []reign{one, byB, later}, position: 2100}, past{reigns: []reign{one, byB, later, third}}, toRewind, 4, 70},
		"one of two failovers missed, before it": {
			past{standby: true, reigns: []reign{one, byB, later}, position: 1900}, past{reigns: []reign{one, byB, later, third}}, toStream, 4, 70},
		"two promoted apart, with one number for two timelines": {
			past{reigns: []reign{one, byB}, position: 1100, timeline: 2}, past{reigns: []reign{one, byC}}, toClone, 1, 30},
		"a standby of another one that was promoted, before its epoch came": {
			past{standby: true, reigns: []reign{one}, position: 850, timeline: 2}, past{reigns: []reign{one, byC}}, toClone, 1, 30},
		"promoted, and never got to write its epoch": {
			past{reigns: []reign{one}, position: 1100, timeline: 2}, past{reigns: []reign{one, byC}}, toClone, 1, 30},
		"promoted to a timeline that nobody else has": {
			past{reigns: []reign{one}, position: 1100, timeline: 7}, past{reigns: []reign{one, byC}}, toRewind, 1, 30},
		"the same authority again, on its own timeline": {
			past{standby: true, reigns: []reign{one, byB}, position: 1400, timeline: 2}, past{reigns: []reign{one, byB, later}}, toStream, 2, 60},
		"the same epoch begun twice": {
			past{reigns: []reign{{epoch: 1, region: "a", nonce: "x", timeline: 1}}, position: 1, timeline: 1}, past{reigns: []reign{one}}, toClone, 0, 0},
		"another cluster": {
			past{system: 1, reigns: []reign{one}}, past{system: 2, reigns: []reign{one}}, toClone, 0, 0},
		"nothing in common": {
			past{}, past{reigns: []reign{one}}, toClone, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			todo, common, low := compare(c.mine, c.theirs)
			if todo != c.want || common != c.common || low != c.low {
				t.Errorf("course %d, common epoch %d, from idx %d; want %d, %d, %d", todo, common, low, c.want, c.common, c.low)
			}
		})
	}
}

// What was done and brought no stream is not done for ever.
func TestACourseThatDoesNotHelp(t *testing.T) {
	f := &following{Replica: &Replica{cfg: Config{Logger: slog.New(slog.DiscardHandler)}}}
	for i, step := range []struct {
		todo, want course
		streamed   bool
	}{
		{todo: toStream, want: toStream}, {todo: toStream, want: toStream}, {todo: toStream, want: toStream}, {todo: toStream, want: toStream}, {todo: toStream, want: toStream},
		{todo: toStream, want: toClone}, {todo: toStream, want: toClone, streamed: true},
		{todo: toStream, want: toStream}, {todo: toDemote, want: toDemote}, {todo: toRewind, want: toRewind}, {todo: toStream, want: toStream},
		{todo: toRewind, want: toRewind}, {todo: toRewind, want: toRewind}, {todo: toRewind, want: toClone}, {todo: toClone, want: toClone}, {todo: toClone, want: toClone}, {todo: toRewind, want: toRewind},
	} {
		if got := f.insist(step.todo); got != step.want {
			t.Errorf("step %d: course %d, want %d", i, got, step.want)
		}
		if step.streamed {
			f.times = 0
		}
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
