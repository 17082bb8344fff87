package risk

import "testing"

func TestWritesAtRisk(t *testing.T) {
	var m Meter
	risk := func(writes uint64) any {
		if r := m.Left(writes, false); r != nil {
			return *r
		}
		return "unknown"
	}
	expect := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	m.Begin(100, 1000)
	expect("nobody has reported", risk(100), "unknown")
	m.Take(105, 1500, map[string]uint64{"b": 900}, nil)
	expect("the best has not got to where the epoch began", risk(105), "unknown")
	m.Take(105, 1500, map[string]uint64{"b": 1000}, nil)
	expect("it has what was there before", risk(105), uint64(5))
	m.Take(110, 2000, map[string]uint64{"b": 1700}, nil)
	expect("it has some of it", risk(112), uint64(7))
	m.Take(112, 2100, nil, nil) // it is gone, and has what it had
	expect("gone", risk(112), uint64(7))
	m.Take(112, 2100, map[string]uint64{"c": 2100}, nil)
	expect("another has all", risk(112), uint64(0))
	expect("more since", risk(120), uint64(8))
	if n := len(m.marks); n > 2 {
		t.Errorf("%d marks are kept", n)
	}
	if r := m.Left(120, true); r == nil || *r != 120 {
		t.Errorf("alone: %v", r)
	}
}

// A region that lost its disk has what it reported last, not what it once had; while
// it is copied whole nobody knows.
func TestAReseededFollowerHasNothing(t *testing.T) {
	var m Meter
	m.Begin(0, 1000)
	m.Take(50, 2000, map[string]uint64{"b": 2000}, nil)
	if r := m.Left(50, false); r == nil || *r != 0 {
		t.Errorf("it has all: %v", r)
	}
	m.Take(60, 2500, map[string]uint64{"b": 2000}, []string{"b"})
	if r := m.Left(60, false); r != nil || len(m.Followers) != 0 {
		t.Errorf("it is copied: %d at risk, %v", *r, m.Followers)
	}
	for _, at := range []uint64{2100, 1500} {
		m.Take(60, 2500, map[string]uint64{"b": at}, nil)
		if m.Followers["b"] != at {
			t.Errorf("at %d: %v", at, m.Followers)
		}
	}
	if r := m.Left(60, false); r != nil {
		t.Errorf("it has less than the first mark stands for: %d at risk", *r)
	}
	m.Take(60, 2500, map[string]uint64{"b": 2500}, nil)
	if r := m.Left(61, false); r == nil || *r != 1 {
		t.Errorf("it is whole again: %v", r)
	}
}
