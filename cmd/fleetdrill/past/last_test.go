package past

import (
	"errors"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

func TestTheLastRunsOfADrill(t *testing.T) {
	run := func(path, of string, v drill.Verdict) journal.Summary {
		return journal.Summary{Path: path, Drill: of, Verdict: v}
	}
	all := []journal.Summary{ // the newest first
		run("by-hand", "", drill.Passed), {Path: "broken", Drill: "a", Verdict: drill.Passed, Err: errors.New("torn")}, run("running", "b", ""),
		run("a4", "a", drill.Passed), run("b2", "b", drill.Failed), run("a3", "a", drill.Failed), run("a2", "a", drill.Inconclusive), run("b1", "b", drill.Passed), run("c1", "c", drill.Passed),
	}
	for _, tt := range []struct {
		named string
		most  int
		want  string
	}{
		{"", 2, "a3 a4"},
		{"a", 9, "a2 a3 a4"},
		{"b", 2, "b1 b2"},
		{"c", 2, "there are not two judged runs of c, so"},
		{"none", 2, "there are not two judged runs of none, so"},
	} {
		got, err := lastRuns(all, tt.named, tt.most)
		if text := strings.Join(got, " "); text != tt.want && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("the last %d of %q: %q, %v; want %s", tt.most, tt.named, text, err, tt.want)
		}
	}
	if _, err := lastRuns(nil, "", 2); err == nil || !strings.HasPrefix(err.Error(), "no drill was judged yet") {
		t.Error(err)
	}
}
