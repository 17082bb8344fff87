package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
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
	wrong := filepath.Join(t.TempDir(), "wrong.drill.yaml")
	if err := os.WriteFile(wrong, []byte("titel: x\nfleet: three-regions\nsteady: {for: 5s, success: 99%}\nsteps:\n  - {at: 0s, do: kil, region: us-east}\nend: 5s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := check(wrong)
	for _, want := range []string{":1:1: unknown key \"titel\" in a drill; did you mean title?", ":5:18: there is no step \"kil\"; did you mean kill?"} {
		if err == nil || !strings.Contains(err.Error(), wrong+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	out, err := check("--json", wrong)
	var found checked
	if exitCode(err, io.Discard) != exitUsage || json.Unmarshal([]byte(out), &found) != nil || found.Right || len(found.Problems) != 2 || found.Problems[1].Line != 5 || found.Problems[1].Column != 18 {
		t.Errorf("%s, %v", out, err)
	}
	if out, err := check("--json", "brownout"); err != nil || json.Unmarshal([]byte(out), &found) != nil || !found.Right || len(found.Problems) != 0 {
		t.Errorf("%s, %v", out, err)
	}
	help, _ := check("--help")
	for _, a := range action.All {
		if !strings.Contains(help, a.Words.Help) {
			t.Errorf("--help does not list %s", a.Verb)
		}
	}
}
