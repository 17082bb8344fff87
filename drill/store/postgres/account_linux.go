package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// capDACOverride lets the server's processes enter folders above their own that
// only root may (capabilities(7)): a fleet's state is root's alone when root drills.
const capDACOverride = 1

// account is who PostgreSQL's programs run as: it refuses to run as root, so for
// root another user; for everybody else themselves.
type account struct {
	switches bool
	uid, gid uint32
}

func findAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{switches: true, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as: run fleetdrill as an ordinary user")
}

// attributes of a program of PostgreSQL: it dies with the thread that starts it,
// and signals of the terminal don't reach it.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if a.switches {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
		attr.AmbientCaps = []uintptr{capDACOverride}
	}
	return attr
}

// give makes a file or folder the account's.
func (a account) give(path string) error {
	if !a.switches {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}
