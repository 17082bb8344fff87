package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// maxLine bounds one line. The largest events are samples of a few kilobytes and
// ledger checks with every lost write's id; this holds some hundred thousand.
const maxLine = 16 << 20

// Loaded is what a journal holds.
type Loaded struct {
	// Version is the journal's format: 1 for those of before it was written down.
	Version int
	Events  []drill.Event
	// Skipped is how many of the events this program can't read: they are of a newer version, and drill.Unknown in
	// Events, which a state takes no notice of. What is shown of such a drill may be incomplete.
	Skipped int
	// SkippedKinds is how many of these there are of each kind.
	SkippedKinds map[string]int
	// LeftOut is the events with numbers that nobody can have measured: they are drill.Unknown in Events, too.
	LeftOut []LeftOut
	// Cut says that the journal ends in the middle of a line, as after a crash; nil
	// when its last event is whole.
	Cut *Cut
}

// Load reads a journal of this version, of one before, or, as far as it is known, of one after. One that is cut off in the middle of a line loads up to
// it. A broken line, or a gap in the numbers, before that is an error that
// names the line: what follows it can't be trusted.
//
// It waits for whoever writes to a named pipe.
func Load(path string) (Loaded, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return Loaded{}, fmt.Errorf("load journal %s: it is a folder; %s", clean.Text(path), inFolder(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return Loaded{}, fmt.Errorf("load journal %s: %w", clean.Text(path), at(err))
	}
	defer f.Close()
	l, err := Read(f)
	if err != nil {
		return l, fmt.Errorf("load journal %s: %w", clean.Text(path), err)
	}
	return l, nil
}

// at is what went wrong with a file, without its name, which may be anything: who says it names the file as text.
func at(err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}

// inFolder says which file in a folder is the journal that was meant.
func inFolder(path string) string {
	for _, form := range []string{"journal.jsonl", "*.jsonl"} {
		// The names begin with the time, or are all alike up to it.
		if found, _ := filepath.Glob(filepath.Join(path, form)); len(found) > 0 {
			return "its journal is " + clean.Text(slices.Max(found))
		}
	}
	return "name the journal in it, a file that ends in .jsonl"
}

// Read reads a journal from a stream. On an error it returns the events before it.
func Read(r io.Reader) (Loaded, error) {
	var l Loaded
	in := bufio.NewReaderSize(r, 64<<10)
	offset := int64(0)
	for number := 1; ; {
		lines := readLines(in)
		decodeAll(lines)
		for i := range lines {
			line := &lines[i]
			if over, err := l.take(line, number, offset); over || err != nil {
				l.order()
				return l, err
			}
			offset += line.read
			number++
		}
	}
}

// take adds the next line's event; over says that there is no other.
func (l *Loaded) take(line *line, number int, offset int64) (over bool, err error) {
	if line.err != nil {
		return true, fmt.Errorf("line %d: %w", number, line.err)
	}
	if line.read == 1 && !line.whole {
		return true, nil
	}
	if number == 1 {
		l.Version = versionOf(line.text)
	}
	e, err, impossible := line.event, line.broken, line.impossible
	if l.Version > Version && (err != nil || reshaped(e.Body, line.text)) {
		if newer, is := decodeUnknown(line.text); is {
			e, err, impossible = newer, nil, ""
		}
	}
	if impossible != "" && number > 1 {
		e, err = unknown(line.text, number, l.Events[len(l.Events)-1]), nil
	}
	switch {
	case err != nil && !line.whole && unfinished(line.text):
		l.Cut = &Cut{Line: number, Offset: offset, Bytes: int(line.read) - 1}
		return true, nil
	case err != nil:
		return true, fmt.Errorf("line %d is broken: %w; the %d events before it are whole", number, err, len(l.Events))
	case impossible != "" && number == 1:
		return true, fmt.Errorf("line 1 is of no drill: %s", impossible)
	case e.Seq != uint64(number):
		return true, fmt.Errorf("line %d has event %d, want %d: lines are missing or out of order", number, e.Seq, number)
	case impossible != "":
		l.leaveOut(&e, impossible)
	default:
		if unknown, is := e.Body.(drill.Unknown); is {
			l.skip(unknown.Name)
		}
	}
	l.Events = append(l.Events, e)
	return false, nil
}

// readLine reads up to the next line feed; whole is false where the stream
// ended before one.
func readLine(in *bufio.Reader) (line []byte, whole bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, false, fmt.Errorf("longer than %d MiB: this is no journal of fleetdrill", maxLine>>20)
		case err == nil:
			return line[:len(line)-1], true, nil
		case errors.Is(err, io.EOF):
			return line, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
	}
}

// versionOf is what the first line says of the journal's format; 1 where it says nothing.
func versionOf(line []byte) int {
	var h header
	if err := json.Unmarshal(line, &h); err != nil || h.Version < 1 {
		return 1
	}
	return h.Version
}

// unfinished reports whether a last line without a line feed was cut off rather
// than broken: more bytes could make it whole, or, as after a power failure, it
// ends in zeros.
func unfinished(line []byte) bool {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return len(bytes.Trim(line[i:], "\x00")) == 0
	}
	var v json.RawMessage
	err := json.NewDecoder(bytes.NewReader(line)).Decode(&v)
	return errors.Is(err, io.ErrUnexpectedEOF)
}
