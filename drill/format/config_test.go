package format

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// What stands in a repository can't make a line of the timeline look like another one.
func TestARepositoryWritesNoLineOfItsOwn(t *testing.T) {
	forged := "v1\n   0.000s  the drill passed\x1b[2J"
	field := config.Field{Object: config.Ref{APIVersion: "v1", Kind: "ConfigMap", Name: forged}, Path: "data.a", Wanted: forged, Actual: forged, Who: forged}
	for _, news := range []config.News{
		config.Committed{Revision: config.Revision{Hash: "abc", Subject: forged, Author: forged}, Bad: forged},
		config.Applied{Region: "us-east", Revision: "abc", Fields: []config.Field{field}},
		config.Drifted{Region: "us-east", Revision: "abc", Fields: []config.Field{field}},
		config.Failed{Region: "us-east", Revision: "abc", Why: forged},
	} {
		e := drill.Event{Body: drill.Configured{News: news}}
		if l := Event(apply(), e); !strings.Contains(l.Text, "the drill passed") || strings.ContainsAny(l.Text, "\n\x1b") {
			t.Errorf("%s is told as %q", news.Kind(), l.Text)
		}
	}
	if text := Fields([]config.Field{field}); strings.Contains(text, "\n") {
		t.Errorf("the field is told as %q", text)
	}
}
