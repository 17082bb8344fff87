// Package edn reads a history back: one that was recorded here, or Jepsen's history.edn, one map of EDN a line. No program
// of ours does; checkers and tests do.
package edn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/history"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 1 << 20

// ErrCut is of a history whose last line has no end: whoever wrote it was killed. What was
// read before it is whole.
var ErrCut = errors.New("the last line is cut off")

// Reader reads a history: Jepsen's history.edn, one operation a line, or a Recorder's.
type Reader struct {
	lines *bufio.Reader
	line  int
}

// NewReader reads from in.
func NewReader(in io.Reader) *Reader { return &Reader{lines: bufio.NewReaderSize(in, maxLine)} }

// Next is the next operation; io.EOF after the last one. Errors name the line. A field that
// is missing is left zero, one that is not known is skipped.
func (r *Reader) Next() (history.Op, error) {
	for {
		slice, err := r.lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return history.Op{}, fmt.Errorf("line %d has more than %d bytes: this is no history", r.line+1, maxLine)
		case err != nil && !errors.Is(err, io.EOF):
			return history.Op{}, fmt.Errorf("read the history after line %d: %w", r.line, err)
		}
		whole, text := err == nil, string(slice)
		if text == "" {
			return history.Op{}, io.EOF
		}
		r.line++
		p := parser{text: text}
		if p.blank(); p.at == len(text) {
			continue
		}
		op, err := p.operation()
		switch {
		case err != nil && !whole:
			return history.Op{}, fmt.Errorf("line %d: %w", r.line, ErrCut)
		case err != nil:
			return history.Op{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		return op, nil
	}
}

// Load reads a whole file. Beside ErrCut it returns what was whole.
func Load(path string) ([]history.Op, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	defer f.Close()
	all, err := ReadAll(f)
	if err != nil {
		return all, fmt.Errorf("history %s: %w", path, err)
	}
	return all, nil
}

// ReadAll reads all operations.
func ReadAll(in io.Reader) (all []history.Op, err error) {
	r := NewReader(in)
	for {
		op, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case errors.Is(err, ErrCut):
			return all, err
		case err != nil:
			return nil, err
		}
		all = append(all, op)
	}
}

func (p *parser) operation() (history.Op, error) {
	v, err := p.value(0)
	if err != nil {
		return history.Op{}, err
	}
	if p.blank(); p.at < len(p.text) {
		return history.Op{}, p.wrong("more than one value on a line")
	}
	m, is := v.(map[any]any)
	if !is {
		return history.Op{}, fmt.Errorf("an operation is a map, this is %v", strings.TrimSpace(p.text))
	}
	f := fields{m: m}
	op := history.Op{
		Index: int(f.number("index")), Time: time.Duration(f.number("time")), Process: f.process(),
		Type: history.Type(f.word("type")), F: history.F(f.word("f")), Key: f.text("key"), Dataset: f.text("dataset"), Population: f.text("population"),
		Region: f.text("region"), Node: f.text("node"), Error: f.text("error"),
		Epoch: uint64(f.number("epoch")), Position: uint64(f.number("position")),
	}
	if value := m[keyword("value")]; value != nil {
		op.Value = history.Is(plain(value))
	}
	switch op.Type {
	case history.Invoke, history.OK, history.Fail, history.Info:
	default:
		f.wrong("type", ":invoke, :ok, :fail or :info")
	}
	if f.err != nil {
		return history.Op{}, f.err
	}
	return op, nil
}

// fields reads the fields of a map; err is the first that is not as it should be.
type fields struct {
	m   map[any]any
	err error
}

func (f *fields) wrong(name, want string) {
	if f.err == nil {
		f.err = fmt.Errorf(":%s is %v, it should be %s", name, plain(f.m[keyword(name)]), want)
	}
}

func (f *fields) number(name string) int64 {
	switch v := f.m[keyword(name)].(type) {
	case nil:
	case int64:
		if v >= 0 {
			return v
		}
		f.wrong(name, "0 or more")
	default:
		f.wrong(name, "a whole number")
	}
	return 0
}

func (f *fields) process() int {
	switch v := f.m[keyword("process")].(type) {
	case int64:
		if v >= 0 {
			return int(v)
		}
	case keyword:
		return history.Nemesis
	}
	f.wrong("process", "a number, or the name of what is no client")
	return 0
}

func (f *fields) word(name string) string {
	v, is := f.m[keyword(name)].(keyword)
	if !is {
		f.wrong(name, "a keyword")
	}
	return string(v)
}

// text is a string, or what stands for one: keys and values of other histories are numbers too.
func (f *fields) text(name string) string {
	if v := f.m[keyword(name)]; v != nil {
		return plain(v)
	}
	return ""
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case keyword:
		return ":" + string(v)
	}
	return fmt.Sprint(v)
}
