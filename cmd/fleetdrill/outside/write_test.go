package outside

import (
	"io"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What can be nobody's words, or no id, is refused before anybody is asked, with what would be right:
// JSON would make other bytes of it. Nobody listens on this fleet, so who asks is told that.
func TestWhatIsNeverAsked(t *testing.T) {
	state := t.TempDir()
	spec := topology.Fleet{Name: "small", Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}},
		Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"us-east"}}}}
	f, err := record.Create(state, record.Record{Fleet: spec, On: "local"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Unlock()
	h := Host{State: func() (string, error) { return state, nil }}
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"write", "orders", "Z\xfcrich"}, "the text is not UTF-8; write it in UTF-8"},
		{[]string{"write", "orders", "a\x00b"}, "write one line"},
		{[]string{"write", "orders", strings.Repeat("x", 10<<20)}, "the text has 10485760 characters; write at most 200"},
		{[]string{"write", "orders", " "}, "the text is empty"},
		{[]string{"write", "songs", "x"}, `fleet small has no dataset "songs"; name orders`},
		{[]string{"write", "orders", "x"}, "takes no commands"},
		{[]string{"read", "orders", ""}, "the id is empty"},
		{[]string{"read", "orders", strings.Repeat("x", 10<<20)}, "what is asked has more than 65536 bytes"},
	} {
		for _, cmd := range Commands(h) {
			if cmd.Name() != tt.args[0] {
				continue
			}
			cmd.SetArgs(tt.args[1:])
			cmd.SetOut(io.Discard)
			cmd.SetErr(io.Discard)
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), tt.says) || len(err.Error()) > 300 {
				t.Errorf("%.60q: %.300v, want %q", tt.args, err, tt.says)
			}
		}
	}
}

// An answer says the same of a write in each of its lines.
func TestAnEntryInWords(t *testing.T) {
	entry := &control.Entry{Dataset: "orders", ID: "1-2", Authority: "us-east", Replicas: []control.Replica{
		{Region: "us-east", Answered: true, Held: true, Index: 7, Epoch: 2, Payload: []byte("hello")},
		{Region: "eu-west", Answered: true},
		{Region: "ap-south"},
	}}
	for _, tt := range []struct {
		name string
		a    control.Answer
		want string
	}{
		{"a user's", control.Answer{Entry: entry}, `orders 1-2
  us-east   leads  stored at 7, in the 2nd term: 5 B
  eu-west          has it not
  ap-south         unknown: it does not answer
`},
		{"of other contents", control.Answer{Entry: entry, Write: fate.New(fate.Sent{ID: "1-2", Dataset: "orders", Population: "near", Region: "us-east", Text: "hullo"}, 0, 1)}, `orders 1-2, as near: “hullo”
  us-east   leads  stored at 7, in the 2nd term: OTHER CONTENTS, 5 B
  eu-west          has it not
  ap-south         unknown: it does not answer
waits for an answer from us-east
`},
		{"nobody's", control.Answer{Entry: &control.Entry{Dataset: "orders", ID: "1-2", Replicas: entry.Replicas[1:]}}, `orders 1-2
  eu-west          has it not
  ap-south         unknown: it does not answer
no replica that answered has a write of that id
`},
	} {
		var out strings.Builder
		if tellEntry(&out, tt.a); out.String() != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, out.String(), tt.want)
		}
	}
}
