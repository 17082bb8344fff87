// Package scribe reads what people write down in a drill. A note is one line of their own words; how it begins says what it is:
//
//	decision: fail over by hand         surprise: the cache was cold
//	action: raise the TTL @ann !high    detected · decided · mitigated (or with ": words")
//
// Everything else is a remark. The journal has the line as it was written, so this is a pure function of it.
package scribe

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a note is.
type Kind string

// The kinds. The last three are marks: when people, and not the machine, came to something.
const (
	Remark    Kind = "note"
	Decision  Kind = "decision"
	Surprise  Kind = "surprise"
	Action    Kind = "action"
	Detected  Kind = "detected"
	Decided   Kind = "decided"
	Mitigated Kind = "mitigated"
)

// Marks is the marks, in the order of an incident.
var Marks = []Kind{Detected, Decided, Mitigated}

// Severities is how urgent an action item is, the most urgent first.
var Severities = []string{"high", "medium", "low"}

// Usage says in one line how a note is written.
const Usage = "decision:, surprise:, action: (@owner !high), detected, decided and mitigated say what it is; all else is a remark"

// Entry is a note as it was read.
type Entry struct {
	Kind            Kind
	Text            string // without what it begins with, and of an action item without owner and severity; "" of a bare mark
	Owner, Severity string // of an action item; "" is nobody's, and not said
}

// IsMark reports whether it says when people came to something.
func (e Entry) IsMark() bool { return slices.Contains(Marks, e.Kind) }

// Read reads a note. What can't be read as what it begins with is a remark.
func Read(text string) Entry {
	e, _ := read(text)
	return e
}

// Check says what is wrong with a note, and what would be right; nil where nothing is.
func Check(text string) error {
	_, err := read(text)
	return err
}

func read(text string) (Entry, error) {
	remark := Entry{Kind: Remark, Text: text}
	begin, rest, colon := strings.Cut(text, ":")
	kind, rest := Kind(strings.ToLower(strings.TrimSpace(begin))), strings.TrimSpace(rest)
	switch {
	case slices.Contains(Marks, kind):
		return Entry{Kind: kind, Text: rest}, nil
	case !colon || kind != Decision && kind != Surprise && kind != Action:
		return remark, nil
	case rest == "":
		return remark, fmt.Errorf("%q says nothing; write it behind the colon", text)
	case kind == Action:
		e, err := action(rest)
		if err != nil {
			return remark, err
		}
		return e, nil
	}
	return Entry{Kind: kind, Text: rest}, nil
}

// action reads an action item: @owner and !severity may stand anywhere in it.
func action(text string) (Entry, error) {
	e := Entry{Kind: Action}
	var words []string
	for _, w := range strings.Fields(text) {
		switch name := w[1:]; {
		case w[0] == '@' && name != "":
			if e.Owner != "" {
				return e, fmt.Errorf("@%s and @%s: an action item has one owner; write one for each", e.Owner, name)
			}
			e.Owner = name
		case w[0] == '!' && name != "":
			if !slices.Contains(Severities, name) || e.Severity != "" {
				return e, fmt.Errorf("!%s: a severity is one of %s, once", name, strings.Join(Severities, ", "))
			}
			e.Severity = name
		default:
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return e, fmt.Errorf("%q says who and how urgent, and not what; write it down, too", text)
	}
	e.Text = strings.Join(words, " ")
	return e, nil
}
