package postgres

import "testing"

func TestWritesAtRisk(t *testing.T) {
	var m riskMeter
	risk := func(writes uint64) any {
		if r := m.left(writes, false); r != nil {
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
	m.begin(100, 1000)
	expect("nobody has reported", risk(100), "unknown")
	m.note(105, 1500, map[string]uint64{"b": 900})
	expect("the best has not got to where the epoch began", risk(105), "unknown")
	m.note(105, 1500, map[string]uint64{"b": 1000})
	expect("it has what was there before", risk(105), uint64(5))
	m.note(110, 2000, map[string]uint64{"b": 1700})
	expect("it has some of it", risk(112), uint64(7))
	m.note(112, 2100, nil) // it is gone, and has what it had
	expect("gone", risk(112), uint64(7))
	m.note(112, 2100, map[string]uint64{"c": 2100})
	expect("another has all", risk(112), uint64(0))
	expect("more since", risk(120), uint64(8))
	if n := len(m.marks); n > 2 {
		t.Errorf("%d marks are kept", n)
	}
	if r := m.left(120, true); r == nil || *r != 120 {
		t.Errorf("alone: %v", r)
	}
}
