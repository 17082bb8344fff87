package runbook

import (
	"encoding/json"
	"testing"
)

// 0 is a number that is said; none at all is not in the journal.
func TestCountInJSON(t *testing.T) {
	for _, c := range []struct {
		command Command
		written string
	}{
		{Command{Verb: VerbScale, Region: "a", Replicas: Counted(0)}, `{"do":"scale","region":"a","replicas":0}`},
		{Command{Verb: VerbScale, Region: "a", Replicas: Counted(12)}, `{"do":"scale","region":"a","replicas":12}`},
		{Command{Verb: VerbKill, Region: "a"}, `{"do":"kill","region":"a"}`},
	} {
		raw, err := json.Marshal(c.command)
		if err != nil || string(raw) != c.written {
			t.Errorf("%s, %v", raw, err)
		}
		var read Command
		if err := json.Unmarshal(raw, &read); err != nil || read != c.command {
			t.Errorf("%s is read as %+v, %v", raw, read, err)
		}
	}
	if got := (Command{Verb: VerbScale, Region: "a", Replicas: Counted(0)}).String(); got != "scale a to 0" {
		t.Error(got)
	}
}
