//go:build !linux

package tty

import "os"

// discardOutput does nothing where the way to it is another.
func discardOutput(*os.File) {}
