package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// Summary is what a list says of a journal. Its texts are clean and of one line; Path is as it is.
type Summary struct {
	Path  string
	Size  int64     // bytes
	Wrote time.Time // when something was last written to it

	Began   time.Time     // the wall clock's time at the drill's beginning
	Length  time.Duration // from there to the last event
	Drill   string        // the plan's name; "" for a drill by hand
	Fleet   string
	On      string        // what the fleet ran on
	Verdict drill.Verdict // "" where the drill was not judged, or has not ended
	Why     string        // why it was judged so
	// Err is why nothing of the above but Path, Size and Wrote is known; nil where it is.
	Err error
}

// List is a summary of each journal in a folder, the newest first: their names begin with
// the time. A journal that can't be read is in it with its error. A folder that is not there holds none.
func List(dir string) ([]Summary, error) {
	list, _, err := Newest(dir, math.MaxInt)
	return list, err
}

// Newest is List up to so many that can be read, and how many there are in all.
func Newest(dir string, most int) (list []Summary, all int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list journals: %w", at(err))
	}
	readable := 0
	for _, e := range slices.Backward(entries) {
		if !strings.HasSuffix(e.Name(), ".jsonl") || e.IsDir() {
			continue
		}
		if all++; readable < most {
			list = append(list, Summarize(filepath.Join(dir, e.Name())))
			if list[len(list)-1].Err == nil {
				readable++
			}
		}
	}
	return list, all, nil
}

// Summarize reads a journal's first line and its end, however long it is.
func Summarize(path string) Summary {
	s := Summary{Path: path}
	if s.Err = s.read(); s.Err != nil {
		s.Err = fmt.Errorf("read journal %s: %w", clean.Text(path), at(s.Err))
	}
	return s
}

func (s *Summary) read() error {
	info, err := os.Stat(s.Path)
	if err != nil {
		return err
	}
	s.Size, s.Wrote = info.Size(), info.ModTime()
	if err := regular(s.Path, info); err != nil {
		return err
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	text, whole, err := readLine(bufio.NewReaderSize(f, 64<<10))
	switch {
	case err != nil:
		return err
	case len(text) == 0 && !whole:
		return errors.New("it is empty: its drill ended before it began")
	case !whole:
		return errors.New("its first line breaks off: its drill ended as it began")
	}
	first, err := decode(cleaned(text))
	began, is := first.Body.(drill.DrillStarted)
	if err != nil || !is {
		return errors.New("it does not begin as a journal of fleetdrill does")
	}
	s.Began, s.Length = first.At.Add(-first.T), first.T
	s.Fleet, s.On = clean.Text(began.Fleet.Name), clean.Text(began.On)
	if began.Plan != nil {
		s.Drill = clean.Text(began.Plan.Name)
	}
	return s.readEnd(f)
}

// endMost bounds how far from its end a journal is looked through for the verdict: after that
// come the stages of taking a fleet down, a line each.
const endMost = 256 << 10

// readEnd reads the verdict and the time of the last event.
func (s *Summary) readEnd(f io.ReaderAt) error {
	from := max(s.Size-endMost, 0)
	end := make([]byte, s.Size-from)
	n, err := f.ReadAt(end, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	lines := bytes.Split(end[:n], []byte("\n"))
	lines = lines[:len(lines)-1] // empty, or unfinished
	if from > 0 && len(lines) > 0 {
		lines = lines[1:] // begins in the middle
	}
	last := true
	for _, text := range slices.Backward(lines) {
		if !last && !bytes.Contains(text, []byte(`"`+drill.DrillEnded{}.Kind()+`"`)) {
			continue
		}
		e, err := decode(cleaned(text))
		if err != nil || e.T < s.Length && last || impossible(text, e, nil) != "" {
			continue // whoever loads it is told
		}
		if last {
			s.Length, last = e.T, false
		}
		if ended, is := e.Body.(drill.DrillEnded); is {
			s.Verdict, s.Why = drill.Verdict(clean.Text(string(ended.Verdict))), clean.Text(ended.Why)
			break
		}
	}
	return nil
}

// regular says why something that is not a file is no journal.
func regular(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("it is a folder; %s", inFolder(path))
	case !info.Mode().IsRegular():
		return errors.New("it is no file, but a pipe or a device; write it to a file first, and name that")
	}
	return nil
}
