package localfleet

import (
	"errors"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/build"
)

// An agent of another build is refused at its first line, and does not stay.
func TestAgentOfAnotherBuildIsRefused(t *testing.T) {
	l := newLab(t, "", func(c *Config) { c.Build = "another" })
	err := l.Up(t.Context())
	if !errors.Is(err, build.ErrOther) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("%v, want build.ErrOther and what to do", err)
	}
	for _, c := range l.children() {
		if c.down() == nil {
			t.Errorf("process %d of another build is left", c.pid)
		}
	}
}

func TestAgentOfTheSameBuildIsTaken(t *testing.T) {
	l := newLab(t, "", func(c *Config) { c.Build = "fake" })
	if err := l.Up(t.Context()); err != nil {
		t.Error(err)
	}
}
