package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// program is the built fleetdrill that the tests start, as a person would.
var program string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if program = os.Getenv("FLEETDRILL_BIN"); program == "" {
		dir, err := os.MkdirTemp("", "fleetdrill-bin-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "fleetdrill")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build fleetdrill: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// TestScripts runs the command line in its own words; see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"within": within,
			"judged": judged,
			"passes": passes,
		},
	})
}

// exits runs a command and wants that very exit code: exits 2 fleetdrill run x.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// judged runs a drill to its end, whatever its verdict is: of a busy machine it is, by right,
// that nothing was tested: judged fleetdrill run x.
func judged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: judged COMMAND [ARG…]")
	}
	err := ts.Exec(args[0], args[1:]...)
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		ts.Fatalf("it did not come to a verdict: %v", err)
	}
}

// passes runs a drill that leaves its journal in a folder, and wants it to pass. One that says of itself that this machine disturbed it
// tested nothing: it is run anew, on an empty folder, three times at most: passes FOLDER fleetdrill run x --report FOLDER.
func passes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: passes FOLDER COMMAND [ARG…]")
	}
	for n := 1; ; n++ {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil {
			return
		}
		what, failed := disturbedIn(ts.MkAbs(args[0]))
		if failed != nil || what == "" || n == 3 {
			ts.Fatalf("%v: %s (its journal: %v)", err, what, failed)
		}
		ts.Logf("disturbed, so that it runs again: %s", what)
		ts.Check(os.RemoveAll(ts.MkAbs(args[0])))
	}
}

// within runs a command until it succeeds, for at most so long: within 20s fleetdrill status.
func within(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: within DURATION COMMAND [ARG…]")
	}
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("not within %s: %v", limit, err)
		}
	}
}
