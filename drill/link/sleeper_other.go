//go:build !linux

package link

func newSleeper() sleeper { return newTimerSleeper() }
