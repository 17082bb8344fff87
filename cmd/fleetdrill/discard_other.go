//go:build !linux

package main

import "os"

// discardOutput does nothing where the way to it is another.
func discardOutput(*os.File) {}
