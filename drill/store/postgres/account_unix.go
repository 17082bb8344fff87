//go:build unix && !linux

package postgres

import (
	"errors"
	"os"
	"syscall"
)

// account is who PostgreSQL's programs run as: ourselves.
type account struct{}

func findAccount() (account, error) {
	if os.Geteuid() == 0 {
		return account{}, errors.New("PostgreSQL refuses to run as root: run fleetdrill as an ordinary user")
	}
	return account{}, nil
}

func (account) attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func (account) give(string) error { return nil }
