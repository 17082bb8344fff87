package docs

import (
	"strings"
	"testing"
)

// TestEveryEntryIsPlain holds that each definition can be shown to a person: it says
// something, and names no code.
func TestEveryEntryIsPlain(t *testing.T) {
	all := Glossary()
	if len(all) < 60 {
		t.Fatalf("only %d entries were found", len(all))
	}
	seen := map[string]bool{}
	for _, e := range all {
		for _, w := range e.Words {
			if seen[strings.ToLower(w)] {
				t.Errorf("%q is defined twice", w)
			}
			seen[strings.ToLower(w)] = true
		}
		if strings.ContainsAny(e.Meaning, "`*") || strings.Contains(e.Meaning, "measure.") || len(e.Meaning) < 15 {
			t.Errorf("%q is not plain: %s", e.Words, e.Meaning)
		}
	}
	for word := range seen {
		if n := strings.Count(strings.ToLower(page), "**"+word+"**"); n != 1 {
			t.Errorf("%q is in bold %d times", word, n)
		}
	}
}

func TestDefine(t *testing.T) {
	for word, want := range map[string]string{
		"Freeze":    "a region gets SIGKILL, or stands still without a word.",
		"brownout":  "a link is slow, narrow or lossy, and not silent.",
		"TTL":       "how long a resolver keeps an answer.",
		"residency": "Residency is a dataset's rule of where it may be.",
		"term":      "the number of a leader's time in office",
	} {
		e, found := Define(word)
		if !found || !strings.HasPrefix(e.Meaning, want) {
			t.Errorf("%s: %q, want %q", word, e.Meaning, want)
		}
	}
	if _, found := Define("authority gain"); found {
		t.Error("a word is defined that is none")
	}
}
