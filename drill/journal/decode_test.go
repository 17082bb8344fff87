package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestDecodesAsJSONIs holds the quick way against the general one: of every line there is
// they make the same event, or both none.
func TestDecodesAsJSONIs(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	paths = append(paths, write(t, story(t, rand.New(rand.NewPCG(3, 4)))))
	var lines []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(text)), "\n")...)
	}
	const head = `{"seq":7,"at":"2026-11-22T09:30:00Z","t":5,"kind":`
	lines = append(lines,
		head+`"note.written","body":{"by":"me","text":"\",\"body\":{}}"}}`,
		head+`"note.written","body":{"by":"me","text":"x"},"more":1}`,
		head+`"note.written","body":{"by":"me"},"seq":8}`,
		head+`"note.written","body":{"by":"me"}`,
		head+`"note.written","body":{"by":"me"}} `,
		head+`"note.written","body":{"by":"me"}}}`,
		head+`"note.written","body":{"by":5}}`,
		head+`"note.written","body":}`,
		head+`"note\u002ewritten","body":{"by":"me"}}`,
		head+`"comet.seen","body":{"a":1}}`,
		head+`"comet.seen","body":{"a":1},"more":2}`,
		head+`"comet.seen","body":{"a"}}`,
		head+`"","body":{}}`,
		strings.Replace(head, `"seq":7`, `"seq":-7`, 1)+`"note.written","body":{}}`,
		strings.Replace(head, `"seq":7`, `"seq":007`, 1)+`"note.written","body":{}}`,
		strings.Replace(head, `"seq":7`, `"seq":+7`, 1)+`"note.written","body":{}}`,
		strings.Replace(head, `"t":5`, `"t":5.5`, 1)+`"note.written","body":{}}`,
		strings.Replace(head, `"t":5`, `"t":1_0`, 1)+`"note.written","body":{}}`,
		strings.Replace(head, "2026", "yesterday", 1)+`"note.written","body":{}}`,
		"null", "{}", "[]", "",
	)
	own := 0
	for _, line := range lines {
		var want drill.Event
		wantErr := json.Unmarshal([]byte(line), &want)
		got, err := decode([]byte(line))
		if wantErr == nil && want.Body.Kind() == "" {
			wantErr = errors.New("no kind")
		}
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s\nis    %+v, %v\nwant %+v, %v", line, got, err, want, wantErr)
		}
		if _, is := decodeOwn([]byte(line)); is {
			own++
		}
	}
	// All that a Writer wrote but each journal's first line, and little else.
	if own < 9*len(lines)/10-len(paths)-20 {
		t.Errorf("%d of %d lines were decoded the quick way", own, len(lines))
	}
}

// TestLinesAreReadInOrder is of a journal that is read in several pieces, by several processors.
func TestLinesAreReadInOrder(t *testing.T) {
	const n = 2*linesAtOnce + 100
	var whole bytes.Buffer
	for seq := 1; seq <= n; seq++ {
		fmt.Fprintf(&whole, `{"seq":%d,"at":"2026-11-22T09:30:00Z","t":%d,"kind":"note.written","body":{"by":"me","text":"x"}}`+"\n", seq, seq)
	}
	lines := bytes.SplitAfter(whole.Bytes(), []byte("\n"))[:n]
	with := func(number int, line string) io.Reader {
		all := bytes.Join(lines[:number-1], nil)
		all = append(all, line...)
		return bytes.NewReader(append(all, bytes.Join(lines[number:], nil)...))
	}
	for number := linesAtOnce - 1; number < linesAtOnce+3; number++ {
		for _, tt := range []struct{ line, want string }{
			{"{}\n", fmt.Sprintf("line %d is broken", number)},
			{"\n", fmt.Sprintf("line %d is broken", number)},
			{"", fmt.Sprintf("line %d has event %d, want %d", number, number+1, number)},
		} {
			l, err := Read(with(number, tt.line))
			if err == nil || !strings.Contains(err.Error(), tt.want) || len(l.Events) != number-1 {
				t.Errorf("%q: %v after %d events, want %s", tt.line, err, len(l.Events), tt.want)
			}
		}
	}
	for _, size := range []int{0, 1, linesAtOnce - 1, linesAtOnce, linesAtOnce + 1, n} {
		l, err := Read(bytes.NewReader(bytes.Join(lines[:size], nil)))
		if err != nil || l.Cut != nil || len(l.Events) != size {
			t.Fatalf("%d lines: %d events, %v, %v", size, len(l.Events), l.Cut, err)
		}
		for i, e := range l.Events {
			if e.Seq != uint64(i+1) {
				t.Fatalf("event %d is number %d", i, e.Seq)
			}
		}
	}
	// A stream that is no journal is known before its end, which it may not have.
	endless := io.MultiReader(strings.NewReader(strings.Repeat("yes\n", 64*linesAtOnce)), brokenReader{t})
	if _, err := Read(endless); err == nil || !strings.Contains(err.Error(), "line 1 is broken") {
		t.Errorf("of a stream that is no journal: %v", err)
	}
}

// brokenReader must not be read.
type brokenReader struct{ t *testing.T }

func (b brokenReader) Read([]byte) (int, error) {
	b.t.Error("it was read to its end")
	return 0, io.ErrUnexpectedEOF
}

// long is a stream of lines that are no events, each nearly as long as a line may be.
type long struct {
	line []byte
	rest []byte
	read int
}

func (l *long) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		l.rest = l.line
	}
	n := copy(p, l.rest)
	l.rest, l.read = l.rest[n:], l.read+n
	return n, nil
}

// A stream that is no journal is known before much of it is in memory, however long its lines are.
func TestLongLinesAreNotGathered(t *testing.T) {
	s := &long{line: append(bytes.Repeat([]byte("x"), maxLine/4), '\n')}
	if _, err := Read(s); err == nil || !strings.Contains(err.Error(), "line 1 is broken") {
		t.Errorf("%v, want line 1 to be broken", err)
	}
	if s.read > 2*maxLine {
		t.Errorf("%d MiB were read to find that", s.read>>20)
	}
}
