package runbook

import (
	"testing"
	"time"
)

func TestExpected(t *testing.T) {
	p := Plan{Steady: Steady{For: 5 * time.Second}, End: 12 * time.Second, Steps: []Step{
		{Command: Command{Verb: VerbKill, Region: "a"}}, {Command: Command{Verb: VerbWait, For: WaitRecovered}}, {Command: Command{Verb: VerbWait, For: WaitSteady}},
	}}
	if got, want := p.Expected(), 2*5*time.Second+12*time.Second+2*WaitTakes; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}
