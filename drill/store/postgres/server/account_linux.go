package server

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

// Account is who PostgreSQL's programs run as: it refuses to run as root, so for
// root another user; for everybody else themselves.
type Account struct {
	switches bool
	uid, gid uint32
}

// FindAccount looks for who the programs are to run as.
func FindAccount() (Account, error) {
	if os.Geteuid() != 0 {
		return Account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return Account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return Account{switches: true, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return Account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as: run fleetdrill as an ordinary user")
}

// Attributes of a program of PostgreSQL: it dies with the thread that starts it,
// and signals of the terminal don't reach it.
func (a Account) Attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if a.switches {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
		attr.AmbientCaps = []uintptr{capDACOverride}
	}
	return attr
}

// Give makes a file or folder the account's.
func (a Account) Give(path string) error {
	if !a.switches {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}
