package record

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// ticksPerSecond is USER_HZ, in which /proc counts: 100 on every Linux port that
// Go runs on (asm-generic/param.h).
const ticksPerSecond = 100

// identify reads /proc itself: gopsutil turns the start into a time of day by the
// boot time of the moment, which moves when the clock is set and, inside a container,
// by a second from one call to the next.
func identify(pid int) (Process, error) {
	if pid <= 0 {
		return Process{}, fs.ErrNotExist
	}
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if errors.Is(err, syscall.ESRCH) {
		return Process{}, fs.ErrNotExist // it ended while it was read
	}
	if err != nil {
		return Process{}, err
	}
	state, ticks, err := parseStat(stat)
	if err != nil {
		return Process{}, err
	}
	if state == 'Z' || state == 'X' {
		return Process{}, fmt.Errorf("dead, not waited for: %w", fs.ErrNotExist)
	}
	boot, err := bootID()
	if err != nil {
		return Process{}, err
	}
	exe, _ := os.Readlink(dir + "/exe") // unreadable for other users' processes
	return Process{PID: pid, Started: ticks * 1000 / ticksPerSecond, Boot: boot, Exe: exe}, nil
}

// parseStat takes the state and the start time in ticks since the boot from
// /proc/PID/stat, proc_pid_stat(5). The name, second, may hold blanks and brackets.
func parseStat(stat []byte) (state byte, ticks int64, err error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, 0, fmt.Errorf("no process name in %q", stat)
	}
	fields := bytes.Fields(stat[end+1:])
	const fieldState, fieldStart = 3 - 3, 22 - 3 // as the manual counts, after two that are cut off
	if len(fields) <= fieldStart || len(fields[fieldState]) != 1 {
		return 0, 0, fmt.Errorf("too few fields in %q", stat)
	}
	ticks, err = strconv.ParseInt(string(fields[fieldStart]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("start time in %q: %w", stat, err)
	}
	return fields[fieldState][0], ticks, nil
}

var bootID = sync.OnceValues(func() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err
})
