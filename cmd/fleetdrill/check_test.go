package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action"
)

func TestCheckSaysWhatIsWrongAndListsEveryAction(t *testing.T) {
	check := func(args ...string) (string, error) {
		var out bytes.Buffer
		root := newRootCommand(&settings{})
		root.SetArgs(append([]string{"check"}, args...))
		root.SetOut(&out)
		root.SetErr(&out)
		err := root.Execute()
		return out.String(), err
	}
	if out, err := check("brownout"); err != nil || out != "brownout is right: 3 steps on three-regions\n" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := check("no-such-drill"); err == nil || exitCode(err, io.Discard) != exitUsage {
		t.Errorf("a drill that does not ship: %v", err)
	}
	help, _ := check("--help")
	for _, a := range action.All {
		if !strings.Contains(help, a.Words.Help) {
			t.Errorf("--help does not list %s", a.Verb)
		}
	}
}
