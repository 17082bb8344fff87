package format

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

// soaked is a drill of an hour that lost its leader again and again, eight writes each time.
func soaked(times int) *drill.State {
	t := told()
	for n := 1; n <= times; n++ {
		at := float64(20 * n)
		t.kill(n, at, "us-east").failover(n, n, "orders", "eu-west", uint64(n+1), at)
		c := drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Failover: n, Acknowledged: 100 * n}
		for i := range 8 {
			c.Lost = append(c.Lost, drill.LostWrite{ID: Count(100*n + i), Epoch: uint64(n), Acked: d(at - 0.1)})
		}
		t.at(at+2, c).at(at+5, drill.Recovered{Fault: n, Since: d(at + 2)}).at(at+9, drill.FaultLifted{ID: n, Done: "restored"})
	}
	return t.State
}

// Each of many incidents has the losses of its own move and no others.
func TestManyIncidents(t *testing.T) {
	const times = 40
	lines := Settled(soaked(times))
	if len(lines) != times {
		t.Fatalf("%d of %d are told", len(lines), times)
	}
	for n, l := range lines {
		if want := "8 of " + Count(100*(n+1)) + " confirmed writes lost, from the last 100 ms."; l.Text[len(l.Text)-len(want):] != want {
			t.Errorf("incident %d: %q does not end in %q", n+1, l.Text, want)
		}
	}
}

// BenchmarkSettled words what happened in an hour of a soak, as each frame of a timeline does.
func BenchmarkSettled(b *testing.B) {
	s := soaked(171)
	for b.Loop() {
		Settled(s)
	}
}
