//go:build !linux

package traffic

func newPacer() pacer { return newTimerPacer() }
