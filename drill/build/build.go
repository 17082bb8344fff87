// Package build says which build a program is, so that a program and the agents
// that it starts can be told apart when they are of two.
package build

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// version is set at link time (-X); see the Makefile.
var version string

// Version is this program's build: what the Makefile linked in, else the module's
// version as the go command recorded it ("v0.4.0", or commit and "+dirty" in a
// checkout), else "dev".
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return moduleVersion(info)
	}
	return "dev"
}

// moduleVersion is "dev" where the go command recorded none: under go test, or
// built outside a checkout.
func moduleVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "dev"
}

// ErrOther is returned for an agent that is not of the program's own build.
var ErrOther = errors.New("the agent is of another build")

// Same refuses an agent's build that is not the wanted one: what program and agent
// send each other has no version of its own. "" wants none.
func Same(want, got string) error {
	if want == "" || want == got {
		return nil
	}
	if got == "" {
		got = "unknown"
	}
	return fmt.Errorf("%w: this program is %s, the agent %s; build both with \"make build\"", ErrOther, want, got)
}
