//go:build unix && !linux

package server

import (
	"errors"
	"os"
	"syscall"
)

// Account is who PostgreSQL's programs run as: ourselves.
type Account struct{}

// FindAccount looks for who the programs are to run as.
func FindAccount() (Account, error) {
	if os.Geteuid() == 0 {
		return Account{}, errors.New("PostgreSQL refuses to run as root: run fleetdrill as an ordinary user")
	}
	return Account{}, nil
}

// Attributes of a program of PostgreSQL: signals of the terminal don't reach it.
func (Account) Attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// Give makes a file or folder the account's, which it is.
func (Account) Give(string) error { return nil }
