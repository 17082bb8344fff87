package format

import (
	"strings"
	"testing"
)

// What a person reads of a failed request is no word of the wire, and what is not known is told as it is.
func TestFailure(t *testing.T) {
	for why, words := range failures {
		if words == why || words == "" || strings.Contains(words, "upstream") || strings.Contains(words, "authority") {
			t.Errorf("%s is told as %q", why, words)
		}
	}
	if got := Failure("of a newer build"); got != "of a newer build" {
		t.Errorf("what is not known is %q", got)
	}
}

// A probe's failure is no code of the program's.
func TestAProbesFailureIsInWords(t *testing.T) {
	for why, want := range map[string]string{"upstream": "its gateway got no answer from a web replica", "timeout": "timeout", "": ""} {
		if got := ProbeFailure(why); got != want {
			t.Errorf("%q is %q, want %q", why, got, want)
		}
	}
}
