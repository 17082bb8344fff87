package proxy

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A standby is sent on from where it stopped, where that lies in the file that it asks for.
func TestWhatAStandbyAsksForIsTrimmed(t *testing.T) {
	for name, c := range map[string]struct {
		asked string
		has   uint64
		want  string // "" for what it asked
	}{
		"in the file":                 {"START_REPLICATION 0/A00000 TIMELINE 2", 0xa12c08, "START_REPLICATION 0/A12C08 TIMELINE 2"},
		"above 4 GiB":                 {"START_REPLICATION 1/A00000 TIMELINE 2", 1<<32 + 0xa12c08, "START_REPLICATION 1/A12C08 TIMELINE 2"},
		"its beginning":               {"START_REPLICATION 0/A00000 TIMELINE 2", 0xa00000, ""},
		"another file":                {"START_REPLICATION 0/A00000 TIMELINE 2", 0xb00001, ""},
		"nothing known":               {"START_REPLICATION 0/A00000 TIMELINE 2", 0, ""},
		"not from a file's beginning": {"START_REPLICATION 0/A00010 TIMELINE 2", 0xa12c08, ""},
		"a slot":                      {`START_REPLICATION SLOT "s" 0/A00000 TIMELINE 2`, 0xa12c08, ""},
		"something else":              {"IDENTIFY_SYSTEM", 0xa12c08, ""},
	} {
		t.Run(name, func(t *testing.T) {
			message, err := (&pgproto3.Query{String: c.asked}).Encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			var got pgproto3.Query
			trimmed := trim(message, func(timeline int32) uint64 {
				if timeline != 2 {
					t.Errorf("asked for timeline %d", timeline)
				}
				return c.has
			})
			if err := got.Decode(trimmed[5:]); err != nil {
				t.Fatal(err)
			}
			want := c.want
			if want == "" {
				want = c.asked
			}
			if strings.TrimRight(got.String, "\x00") != want {
				t.Errorf("asks for %q, want %q", got.String, want)
			}
		})
	}
	status := []byte{'d', 0, 0, 0, 5, 'r'}
	if got := trim(status, func(int32) uint64 { return 1 }); string(got) != string(status) {
		t.Errorf("a report became %q", got)
	}
}
