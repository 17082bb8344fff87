package record

import (
	"errors"
	"io/fs"

	"github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"
)

// stateZombie is SZOMB of sys/proc.h.
const stateZombie = 5

func identify(pid int) (Process, error) {
	if pid <= 0 {
		return Process{}, fs.ErrNotExist
	}
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	// For a PID of nobody the kernel gives an answer of no length, which is EIO here.
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EIO) {
		return Process{}, fs.ErrNotExist
	}
	if err != nil {
		return Process{}, err
	}
	if int(info.Proc.P_pid) != pid || info.Proc.P_stat == stateZombie {
		return Process{}, fs.ErrNotExist
	}
	p := &process.Process{Pid: int32(pid)}
	started, err := p.CreateTime() // kept by the kernel as a time of day, so it never moves
	if err != nil {
		return Process{}, err
	}
	exe, _ := p.Exe()
	return Process{PID: pid, Started: started, Exe: exe}, nil
}
