package drill

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
		if got := Clean(tt.text); got != tt.line || Clean(got) != got {
			t.Errorf("Clean(%q) is %q, and %q of that", tt.text, got, Clean(got))
		}
		if got := CleanLines(tt.text); got != tt.lines || CleanLines(got) != got {
			t.Errorf("CleanLines(%q) is %q", tt.text, got)
		}
	}
}
