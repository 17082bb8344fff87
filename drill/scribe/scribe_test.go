package scribe

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]Entry{
		"the graph is flat":                   {Kind: Remark, Text: "the graph is flat"},
		"decision: fail over to eu-west: now": {Kind: Decision, Text: "fail over to eu-west: now"},
		"Surprise:no alert":                   {Kind: Surprise, Text: "no alert"},
		"action: raise the TTL @ann !high":    {Kind: Action, Text: "raise the TTL", Owner: "ann", Severity: "high"},
		"action: @ann  raise  it":             {Kind: Action, Text: "raise it", Owner: "ann"},
		"action: mail a@b.example! now @ !":   {Kind: Action, Text: "mail a@b.example! now @ !"},
		"detected":                            {Kind: Detected},
		"  Mitigated: users are back":         {Kind: Mitigated, Text: "users are back"},
		"decided:":                            {Kind: Decided},
		"detected by the graph":               {Kind: Remark, Text: "detected by the graph"},
		"actions speak: loud":                 {Kind: Remark, Text: "actions speak: loud"},
		"decision made by ann":                {Kind: Remark, Text: "decision made by ann"},
		"":                                    {Kind: Remark},
	} {
		if got := Read(text); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
		if err := Check(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What is wrong is said before it is written down; in a journal that has it all the same, it is a remark.
func TestWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"decision: ":           "says nothing",
		"action: @ann !high":   "not what",
		"action: x @ann @bob":  "one owner",
		"action: x !urgent":    "one of high, medium, low",
		"action: x !low !high": "once",
	} {
		if err := Check(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if got := Read(text); got != (Entry{Kind: Remark, Text: text}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
