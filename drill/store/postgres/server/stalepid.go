package server

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// stalePID is the number of the process that the lock file in a data folder names,
// where a living one has that number that is no server of that folder; 0 otherwise.
//
// A container that was killed leaves the file, and in the next one the number may be
// another process's, or that of a thread of this one. The server would take it for its
// own and refuse to start; what PG_GRANDPARENT_PID names it does not. Whether something
// still uses the data it also sees by its shared memory.
func stalePID(data string) int {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(first)))
	if err != nil || pid == 0 {
		return 0
	}
	pid = max(pid, -pid) // below 0 for a server without a postmaster
	if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", pid)); err == nil {
		return pid
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || slices.ContainsFunc(bytes.Split(command, []byte{0}), func(arg []byte) bool { return string(arg) == data }) {
		return 0 // there is none, or nobody can see which it is
	}
	return pid
}
