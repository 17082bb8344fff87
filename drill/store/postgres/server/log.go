package server

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// logSize is how much the server has logged, in bytes.
func (f Folders) logSize() int64 {
	info, err := os.Stat(f.Log())
	if err != nil {
		return 0
	}
	return info.Size()
}

// logTail is the end of what the server said after a mark of itself.
func (f Folders) logTail(mark int64) string {
	text, _ := f.logBehind(mark, 8<<20) // a minute's refusals are a sixth of it
	lines := strings.Split(text, "\n")
	return Tail(strings.Join(slices.DeleteFunc(lines, early.MatchString), "\n"))
}

// early is what a server logs of each of those who ask, fifty times a second, whether it is up.
var early = regexp.MustCompile(`the database system is (starting up|not yet accepting connections)|Consistent recovery state has not been yet reached`)

// LogSince is what the server has logged behind a mark, 64 KiB at most, and the mark of now.
func (s *Server) LogSince(mark int64) (text string, now int64) { return s.at.logBehind(mark, 1<<16) }

// logBehind is what the server has logged behind a mark, so many bytes at most, and the mark of now.
func (f Folders) logBehind(mark, most int64) (text string, now int64) {
	now = f.logSize()
	file, err := os.Open(f.Log())
	if err != nil || now <= mark {
		return "", now
	}
	defer file.Close()
	if _, err := file.Seek(mark, io.SeekStart); err != nil {
		return "", now
	}
	said, _ := io.ReadAll(io.LimitReader(file, most)) // what there is
	return string(said), now
}

// Tail is the last few lines of a text, in one.
func Tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-4):], " | ")
}
