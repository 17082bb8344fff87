package cause

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const second = time.Second

// What a loss is put down to, and from when on it is counted.
func TestALossIsOfWhatMayHaveCausedIt(t *testing.T) {
	const none, last = "no fault of this drill", "no fault of this drill, counted from its last answer"
	brownout := func(s topology.Shape) Condition { return Condition{Fault: 7, From: 10 * second, Shape: s} }
	silent := Loss{At: 60 * second, Known: true, Heard: 59 * second}
	for name, c := range map[string]struct {
		condition Condition
		loss      Loss
		want      Verdict
	}{
		"a kill":                               {Condition{Broken: true, Fault: 7, From: 10 * second}, Loss{At: 11 * second, Known: true, Heard: 9 * second}, Verdict{7, 10 * second, ""}},
		"a partition":                          {Condition{Fault: 7, From: 10 * second}, Loss{At: 11 * second, Known: true, Heard: 10 * second}, Verdict{7, 10 * second, ""}},
		"a freeze, which its store tells of":   {Condition{Broken: true, Fault: 7, From: 10 * second}, Loss{At: 14 * second, Known: true, Heard: 14 * second, Since: 11 * second, Own: true}, Verdict{7, 10 * second, ""}},
		"a fault that came later":              {Condition{Broken: true, Fault: 7, From: 61 * second}, silent, Verdict{7, 60 * second, ""}},
		"a brownout that is too slow":          {brownout(topology.Shape{RTT: 300 * time.Millisecond}), Loss{At: 12 * second, Known: true, Heard: 9 * second}, Verdict{7, 10 * second, ""}},
		"a brownout, by its jitter":            {brownout(topology.Shape{RTT: 200 * time.Millisecond, Jitter: 60 * time.Millisecond}), silent, Verdict{7, 59 * second, ""}},
		"a lossy one, after its last answer":   {brownout(topology.Shape{Loss: 0.3}), silent, Verdict{7, 59 * second, ""}},
		"a very narrow one":                    {brownout(topology.Shape{Bandwidth: 64_000}), silent, Verdict{7, 59 * second, ""}},
		"a brownout that lets answers through": {brownout(topology.Shape{RTT: 100 * time.Millisecond}), silent, Verdict{0, 59 * second, last}},
		"one that is only a little lossy":      {brownout(topology.Shape{Loss: 0.01}), silent, Verdict{0, 59 * second, last}},
		"one that is wide enough":              {brownout(topology.Shape{Bandwidth: 5_000_000}), silent, Verdict{0, 59 * second, last}},
		"a store that says so itself":          {brownout(topology.Shape{Loss: 0.3}), Loss{At: 60 * second, Known: true, Heard: 60 * second, Since: 58 * second, Own: true}, Verdict{0, 58 * second, none}},
		"its own end, beside a partition":      {Condition{Fault: 7, From: 10 * second}, Loss{At: 60 * second, Known: true, Heard: 60 * second, Own: true}, Verdict{0, 60 * second, last}},
		"no fault, known since when":           {Condition{}, Loss{At: 60 * second, Known: true, Heard: 60 * second, Since: 57 * second}, Verdict{0, 57 * second, none}},
		"no fault, and never heard":            {Condition{}, Loss{At: 60 * second}, Verdict{0, 60 * second, ""}},
	} {
		if got := Of(c.condition, c.loss, 500*time.Millisecond); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := Of(brownout(topology.Shape{RTT: 300 * time.Millisecond}), silent, second); got.Fault != 0 {
		t.Errorf("answers are waited for twice as long: %+v", got)
	}
}
