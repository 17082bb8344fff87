package report

import (
	"strings"
	"testing"
)

// A long subject makes no other line of the report as long, and does not end one.
func TestALongSubjectIsShortened(t *testing.T) {
	var b strings.Builder
	Report{Rollouts: []Rollout{{Revision: strings.Repeat("a", 40), Subject: strings.Repeat("é", 500)}}}.rollouts(&b)
	if _, subject, _ := strings.Cut(b.String(), "\t"); !strings.HasPrefix(subject, strings.Repeat("é", 49)+"…\t") {
		t.Errorf("it says %q", b.String())
	}
}
