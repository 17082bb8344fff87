package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

const (
	// linesAtOnce is how many lines are read before they are decoded: half a megabyte where
	// samples are most of them, so that a stream that is no journal is known at once.
	linesAtOnce = 512
	// linesEach is how many of them a processor takes at a time.
	linesEach = 16
	// bytesAtOnce is how much is read before it is decoded, but for the last line: a stream of long lines that is
	// no journal fills no memory.
	bytesAtOnce = maxLine
)

// line is one line of a journal, and what it says.
type line struct {
	text  []byte // cleaned
	read  int64  // bytes, with the line feed
	whole bool   // it ends in a line feed
	err   error  // of the stream

	event  drill.Event
	broken error // it holds no event
	// impossible says what of its numbers nobody can have measured; "" where all of them may be.
	impossible string
}

// readLines reads the next lines. The last one has the stream's error, or is empty and not
// whole at its end.
func readLines(in *bufio.Reader) []line {
	var lines []line
	for size := 0; len(lines) < linesAtOnce && size < bytesAtOnce; size += len(lines[len(lines)-1].text) {
		text, whole, err := readLine(in)
		lines = append(lines, line{text: text, read: int64(len(text)) + 1, whole: whole, err: err})
		if err != nil || !whole {
			break
		}
	}
	return lines
}

// decodeAll decodes the lines, on every processor: no line needs another.
func decodeAll(lines []line) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (len(lines)+linesEach-1)/linesEach) {
		all.Go(func() {
			for {
				end := int(next.Add(linesEach))
				if end-linesEach >= len(lines) {
					return
				}
				for i := end - linesEach; i < min(end, len(lines)); i++ {
					l := &lines[i]
					l.text = cleaned(l.text)
					l.event, l.broken = decode(l.text)
					l.impossible = impossible(l.text, l.event, l.broken)
				}
			}
		})
	}
	all.Wait()
}

func decode(text []byte) (drill.Event, error) {
	e, is := decodeOwn(text)
	if is {
		return e, nil
	}
	if err := e.UnmarshalJSON(text); err != nil {
		return e, err
	}
	if e.Body.Kind() == "" {
		return e, errors.New("it is no event: it has no kind")
	}
	return e, nil
}

// decodeOwn decodes a line that is written as a Writer writes it, byte for byte, and says
// whether it is. The general way goes through the body, nearly all of a line, twice more to
// find its end.
func decodeOwn(text []byte) (e drill.Event, is bool) {
	seq, rest, ok := between(text, `{"seq":`, `,"at":`)
	at, rest, ok2 := between(rest, "", `,"t":`)
	t, rest, ok3 := between(rest, "", `,"kind":"`)
	kind, body, ok4 := between(rest, "", `","body":`)
	if !ok || !ok2 || !ok3 || !ok4 || len(kind) == 0 || bytes.IndexByte(kind, '\\') >= 0 || !bytes.HasSuffix(body, []byte("}")) {
		return drill.Event{}, false
	}
	var errs [4]error
	var since int64
	e.Seq, errs[0] = strconv.ParseUint(string(seq), 10, 64)
	errs[1] = e.At.UnmarshalJSON(at)
	since, errs[2] = strconv.ParseInt(string(t), 10, 64)
	e.T = time.Duration(since)
	e.Body, errs[3] = drill.ReadBody(string(kind), body[:len(body)-1])
	unknown, foreign := e.Body.(drill.Unknown)
	// Numbers that Go reads and JSON does not, such as 007, are not written so.
	written := strconv.FormatUint(e.Seq, 10) == string(seq) && strconv.FormatInt(since, 10) == string(t)
	if errors.Join(errs[:]...) != nil || !written || foreign && !json.Valid(unknown.Raw) {
		return drill.Event{}, false
	}
	return e, true
}

// between is what stands after a beginning and before the next mark, and what comes after.
func between(text []byte, beginning, mark string) (found, rest []byte, ok bool) {
	text, ok = bytes.CutPrefix(text, []byte(beginning))
	if !ok {
		return nil, nil, false
	}
	return bytes.Cut(text, []byte(mark))
}
