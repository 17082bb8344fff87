package keys

import (
	"strings"
	"testing"
	"time"
)

// commands is what of a sequence of bytes is left as keys, when they come a time apart, each
// by itself. Escape is shown as "␛".
func left(bytes string, apart time.Duration) string {
	var s Sequence
	at := time.Unix(1000, 0)
	var out strings.Builder
	for _, r := range bytes {
		at = at.Add(apart)
		if !s.Rest(string(r), at) {
			out.WriteString(strings.ReplaceAll(string(r), "\x1b", "␛"))
		}
	}
	return out.String()
}

// TestRestOfAKeyIsNoCommand holds that of a key or an answer whose bytes come apart nothing
// is left but Escape, which goes back and moves nothing.
func TestRestOfAKeyIsNoCommand(t *testing.T) {
	sequences := map[string]string{
		"End":                             "\x1b[F",
		"End of an application's keypad":  "\x1bOF",
		"End, of rxvt":                    "\x1b[8~",
		"Ctrl+Right":                      "\x1b[1;5C",
		"Shift+F2 with a digit after O":   "\x1bO2P",
		"F3 of the Linux console":         "\x1b[[C",
		"F4 of the Linux console":         "\x1b[[D",
		"a Cyrillic key of kitty":         "\x1b[1081::114;2u",
		"a mouse's button":                "\x1b[MKDC",
		"a mouse's button in SGR":         "\x1b[<0;12;40M",
		"the begin of a paste":            "\x1b[200~",
		"the background's colour, BEL":    "\x1b]11;rgb:ffff/rrrr/ffff\a",
		"the background's colour, ST":     "\x1b]11;rgb:ffff/rrrr/FFFF\x1b\\",
		"a mode's report":                 "\x1b[?2026;2$y",
		"the terminal's name and version": "\x1bP>|XTerm(Kill R)\x1b\\",
		"a string of termcap":             "\x1bP1+r5463=38\x1b\\",
		"kitty's answer about a picture":  "\x1b_Gi=31;OK\x1b\\",
		"device attributes":               "\x1b[?62;22;52c",
		"where the cursor is":             "\x1b[12;40R",
		"an answer that another one cuts": "\x1b]11;rgb:ff\x1b[F",
	}
	for name, bytes := range sequences {
		for _, apart := range []time.Duration{time.Millisecond, 200 * time.Millisecond, Apart} {
			got := strings.ReplaceAll(left(bytes, apart), "␛", "")
			if got != "" {
				t.Errorf("%s, %s apart: %q are left as keys", name, apart, got)
			}
		}
	}
}

// TestKeysBehindEscape holds that what a person presses is left alone.
func TestKeysBehindEscape(t *testing.T) {
	for _, tt := range []struct{ keys, want string }{
		{"F", "F"},
		{"[F", "[F"},
		{"K\t\r", "K\t\r"},
		{"\x1bK", "␛K"},
		{"\x1b\x1bF", "␛␛F"},
		{"\x1bPP", "␛P"},     // the first is taken for an answer's begin, the second is a key
		{"\x1b[\rF", "␛\rF"}, // Enter is in no sequence
		{"\x1b]11\rF", "␛\rF"},
		{"\x1b[FF", "␛F"}, // after the key it is over
		{"\x1b]0;x\aF", "␛F"},
		{"\x1bOFF", "␛F"},
	} {
		if got := left(tt.keys, 100*time.Millisecond); got != tt.want {
			t.Errorf("of %q are left %q, want %q", tt.keys, got, tt.want)
		}
	}
	if got := left("\x1b[F", Apart+time.Millisecond); got != "␛[F" {
		t.Errorf("long after Escape %q are left", got)
	}
}

// TestWholeKeysEndASequence holds that a key that was read as one ends what came before.
func TestWholeKeysEndASequence(t *testing.T) {
	var s Sequence
	at := time.Unix(1000, 0)
	if s.Rest("\x1b", at) || !s.Rest("[", at) || s.Rest("", at) || s.Rest("F", at) {
		t.Fatal("an arrow, read as one, did not end the sequence")
	}
	if !s.Rest("\x1b[1;", at) || !s.Rest("F", at) || s.Rest("F", at) {
		t.Fatal("what the library gave up in the middle was not gone on with")
	}
}

// TestTextPoursIn holds that text which comes faster than anybody types is told from keys.
func TestTextPoursIn(t *testing.T) {
	tests := []struct {
		name  string
		keys  string
		apart time.Duration
		want  string // the keys that are a person's
	}{
		{"a paste", "Fast: Kill us-east\r", time.Millisecond, "Fas"},
		{"a paste over a line of 9600 baud", "FasKr\t\r", 2 * time.Millisecond, "Fas"},
		{"a person", "Kill us-east\r", 80 * time.Millisecond, "Kill us-east\r"},
		{"a script that sends a few keys", "\t\t\r", 0, "\t\t\r"},
		{"a key that is held down", "llllllllll", time.Millisecond, "llllllllll"},
	}
	for _, tt := range tests {
		var p Pour
		at, got := time.Unix(1000, 0), ""
		for _, r := range tt.keys {
			at = at.Add(tt.apart)
			if !p.Takes(string(r), at) {
				got += string(r)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q are taken for keys, want %q", tt.name, got, tt.want)
		}
	}
	var p Pour
	at := time.Unix(1000, 0)
	for _, r := range "abcdef" {
		p.Takes(string(r), at)
	}
	if !p.Takes("\r", at.Add(Quiet-time.Millisecond)) {
		t.Error("after a stutter the rest of the text was taken for keys")
	}
	if p.Takes("K", at.Add(2*Quiet)) {
		t.Error("long after the text a key was taken for it")
	}
}
