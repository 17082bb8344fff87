package style

import "testing"

func TestASCIIOnly(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		want    bool
	}{
		{[]string{"LANG=en_GB.UTF-8", "TERM=xterm"}, false},
		{[]string{"LANG=C.UTF-8"}, false},
		{[]string{"LANG=de_DE.utf8", "LC_ALL="}, false},
		{[]string{"LC_CTYPE=UTF-8"}, false}, // macOS over SSH
		{[]string{"LANG=en_GB.UTF-8", "LC_ALL=C"}, true},
		{[]string{"LANG=en_GB.UTF-8", "LC_CTYPE=POSIX"}, true},
		{[]string{"LANG=C", "LC_CTYPE=en_GB.UTF-8"}, false},
		{[]string{"LANG=de_DE.ISO-8859-1"}, true},
		{[]string{"LANG=en_GB.UTF-8", "TERM=dumb"}, true},
		{[]string{"TERM=xterm"}, true}, // no locale is C
		{nil, true},
	} {
		if got := ASCIIOnly(tt.environ); got != tt.want {
			t.Errorf("%v: %v", tt.environ, got)
		}
	}
}

func TestToASCII(t *testing.T) {
	if got := ToASCII("us-east ↔ Zürich … “x”\n"); got != "us-east = Z?rich . \"x\"\n" {
		t.Errorf("it is %q", got)
	}
}
