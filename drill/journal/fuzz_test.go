package journal

import (
	"bufio"
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

var (
	withLine  = regexp.MustCompile(`line \d+`)
	itsNumber = regexp.MustCompile(`"seq":\d+`)
	itsKind   = regexp.MustCompile(`"kind":"[^"]+"`)
)

// FuzzRead gives the reader anything at all. It comes to an end, says of what it can't read in which line that is, and gives events that a
// state can take: what a journal says is folded without a panic, whatever it is.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"testdata/v1-lose-the-authority.jsonl", "testdata/v1-split-brain.jsonl"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var first []byte
		seen := map[string]bool{}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() { // the first of each kind, behind the drill's start
			line := itsNumber.ReplaceAll(lines.Bytes(), []byte(`"seq":2`))
			kind := string(itsKind.Find(line))
			if seen[kind] {
				continue
			}
			seen[kind] = true
			if first == nil {
				first = append(bytes.Clone(lines.Bytes()), '\n')
				continue
			}
			f.Add(append(bytes.Clone(first), line...))
			f.Add(append(bytes.Clone(first), line[:len(line)/2]...))
			f.Add(append(append(bytes.Clone(first), bytes.ReplaceAll(line, []byte("us-east"), []byte("nowhere"))...), '\n'))
		}
		if err := lines.Err(); err != nil || len(seen) < 10 {
			f.Fatalf("%s has %d kinds of events, %v", name, len(seen), err)
		}
	}
	for _, text := range []string{"", "\n\n", "{}\n{}\n", "null\n", "[]", "{\"seq\":1}\n", "\x00\xff\n", `{"fleetdrill":"journal","version":99,"seq":1,"t":1,"kind":"phase.entered","body":{"phase":7}}` + "\n",
		`{"seq":-1,"t":-9223372036854775808,"kind":"steady.measured","body":{"success":1e308}}` + "\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := Read(bytes.NewReader(text))
		if err != nil {
			if !withLine.MatchString(err.Error()) {
				t.Fatalf("%q does not say where", err)
			}
			return
		}
		s := drill.NewState()
		for _, e := range l.Events {
			s.Apply(e)
		}
	})
}
