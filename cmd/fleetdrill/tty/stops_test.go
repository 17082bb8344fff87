package tty

import (
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
)

// A terminal that closes tells a program twice, and nobody is impatient then.
func TestOneStopIsNotTwo(t *testing.T) {
	type heard struct {
		sig  os.Signal
		at   time.Duration
		over bool
	}
	tests := []struct {
		name  string
		heard []heard
	}{
		{"a terminal closes: shell and kernel", []heard{{syscall.SIGHUP, 0, false}, {syscall.SIGHUP, 50 * time.Millisecond, false}}},
		{"a slow shell", []heard{{syscall.SIGHUP, 0, false}, {syscall.SIGHUP, 5 * time.Second, false}}},
		{"a starter passes a signal on", []heard{{os.Interrupt, 0, false}, {os.Interrupt, 20 * time.Millisecond, false}}},
		{"a person who does not wait", []heard{{os.Interrupt, 0, false}, {os.Interrupt, oneStop, true}}},
		{"a person who hammers", []heard{{os.Interrupt, 0, false}, {os.Interrupt, 200 * time.Millisecond, false}, {os.Interrupt, 400 * time.Millisecond, false}, {os.Interrupt, 600 * time.Millisecond, true}}},
		{"a service that is stopped", []heard{{syscall.SIGTERM, 0, false}, {syscall.SIGHUP, time.Millisecond, false}, {syscall.SIGTERM, 10 * time.Second, true}}},
		{"a closed terminal, then kill", []heard{{syscall.SIGHUP, 0, false}, {syscall.SIGTERM, 3 * time.Second, true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var asked requests
			for _, h := range tt.heard {
				if got := asked.second(h.sig, time.Unix(1000, 0).Add(h.at)); got != h.over {
					t.Errorf("%s after %s: too many %v, want %v", h.sig, h.at, got, h.over)
				}
			}
		})
	}
}

// What whoever started the program had ignored stays ignored: nohup.
func TestIgnoredSignalsAreNoStops(t *testing.T) {
	nohup := func(sig os.Signal) bool { return sig == syscall.SIGHUP }
	if got := stopSignals(nohup); !slices.Equal(got, []os.Signal{os.Interrupt, syscall.SIGTERM}) {
		t.Errorf("under nohup %v stop it", got)
	}
	if got := stopSignals(func(os.Signal) bool { return false }); !slices.Contains(got, os.Signal(syscall.SIGHUP)) {
		t.Errorf("a closed terminal does not stop it: %v", got)
	}
}
