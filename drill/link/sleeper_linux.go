package link

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// timerfd is a sleeper on a kernel timer that the runtime's poller waits for: microseconds late where a time.Timer is up
// to a millisecond late, and no thread of its own.
type timerfd struct {
	fd   int
	file *os.File
}

func newSleeper() sleeper {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		// Out of descriptors, most likely. A link that is a little late is better than none.
		return newTimerSleeper()
	}
	return &timerfd{fd: fd, file: os.NewFile(uintptr(fd), "timerfd")}
}

// arm can fail only for a descriptor that is gone; the timers do not call it after stop.
func (t *timerfd) arm(d time.Duration) {
	_ = unix.TimerfdSettime(t.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
}

func (t *timerfd) wait() bool {
	var count [8]byte
	_, err := t.file.Read(count[:])
	return err == nil
}

func (t *timerfd) stop() { t.file.Close() }
