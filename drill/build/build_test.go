package build

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	for recorded, want := range map[string]string{
		"v0.4.0": "v0.4.0", "v0.0.0-20261129190000-a276c81d0000+dirty": "v0.0.0-20261129190000-a276c81d0000+dirty",
		"(devel)": "dev", "": "dev",
	} {
		if got := moduleVersion(&debug.BuildInfo{Main: debug.Module{Version: recorded}}); got != want {
			t.Errorf("recorded %q: %q, want %q", recorded, got, want)
		}
	}
	defer func(was string) { version = was }(version)
	version = "linked"
	if got := Version(); got != "linked" {
		t.Errorf("%q is not what was linked in", got)
	}
}

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		ok        bool
	}{{"a276c81", "a276c81", true}, {"", "a276c81", true}, {"a276c81", "c7ddc3c", false}, {"a276c81", "", false}} {
		err := Same(tt.want, tt.got)
		if tt.ok != (err == nil) {
			t.Errorf("%q against %q: %v", tt.want, tt.got, err)
		}
		if err != nil && (!errors.Is(err, ErrOther) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "make build")) {
			t.Errorf("%v does not name the build and what to do", err)
		}
	}
}
