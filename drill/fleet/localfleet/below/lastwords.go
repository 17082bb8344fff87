package below

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// tailLimit bounds what an error quotes of a process's log, in bytes.
const tailLimit = 1 << 10

// LastWords is the end of what a process wrote to its log from an offset on, for an error, and where the rest is; "" where it
// wrote nothing.
func LastWords(log string, from int64) string {
	file, err := os.Open(log)
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(io.NewSectionReader(file, max(from, info.Size()-tailLimit), tailLimit))
	text = bytes.TrimSpace(text)
	if err != nil || len(text) == 0 {
		return ""
	}
	return fmt.Sprintf("; it wrote: %s (%s)", strings.ReplaceAll(string(text), "\n", " | "), log)
}
