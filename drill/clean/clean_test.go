package clean

import "testing"

func TestClean(t *testing.T) {
	for _, tt := range []struct{ text, line, lines string }{
		{"us-east ↔ eu-west, Zürich 東京 👩‍💻", "us-east ↔ eu-west, Zürich 東京 👩‍💻", "us-east ↔ eu-west, Zürich 東京 👩‍💻"},
		{"a\x1b]0;owned\ab", `a\u001b]0;owned\u0007b`, `a\u001b]0;owned\u0007b`},
		{"a\u202eb\u2066c\u200fd\u061ce", `a\u202eb\u2066c\u200fd\u061ce`, `a\u202eb\u2066c\u200fd\u061ce`},
		{"a\u009b31mb\x9bc\x7fd", `a\u009b31mb\u009bc\u007fd`, `a\u009b31mb\u009bc\u007fd`},
		{"a\nb\tc\rd", `a b c\u000dd`, "a\nb\tc\\u000dd"},
		{"a\u2028b\ufffdc", `a\u2028b` + "\ufffdc", `a\u2028b` + "\ufffdc"},
		{"", "", ""},
	} {
		if got := Text(tt.text); got != tt.line || Text(got) != got {
			t.Errorf("Text(%q) is %q, and %q of that", tt.text, got, Text(got))
		}
		if got := Lines(tt.text); got != tt.lines || Lines(got) != got {
			t.Errorf("Lines(%q) is %q", tt.text, got)
		}
	}
}
