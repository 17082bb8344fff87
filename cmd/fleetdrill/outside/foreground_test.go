package outside

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// asked is what this test program does in place of its tests: a program of its own at a terminal.
const asked = "FLEETDRILL_OUTSIDE_TEST"

func TestMain(m *testing.M) {
	script := os.Getenv(asked + "_SCRIPT")
	switch os.Getenv(asked) {
	case "foreground":
		os.Exit(inForeground(script))
	case "in its place":
		fmt.Fprintln(os.Stderr, stepIn(fleet.Command{"sh", "-c", script}))
		os.Exit(99)
	}
	os.Exit(m.Run())
}

// inForeground lets a script have the terminal until SIGTERM, and says what is so afterwards.
func inForeground(script string) int {
	terms, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(terms, syscall.SIGTERM)
	go func() { <-terms; close(ended) }()
	f := &foreground{command: fleet.Command{"sh", "-c", script}, in: os.Stdin, out: os.Stdout, err: os.Stderr, ended: ended}
	err := f.Run()
	has, _ := unix.IoctlGetInt(int(os.Stdin.Fd()), unix.TIOCGPGRP)
	fmt.Printf("error %v; ours %v\n", err, has == unix.Getpgrp())
	fmt.Println("back")
	return 0
}

// at runs this test program at a terminal of its own, and returns what it printed so far.
func at(t *testing.T, script string) (cmd *exec.Cmd, terminal *os.File, until func(string) string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asked+"=foreground", asked+"_SCRIPT="+script)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = terminal.Close()
	})
	printed := make(chan string)
	go func() {
		defer close(printed)
		for buf := make([]byte, 4096); ; {
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			printed <- string(buf[:n])
		}
	}()
	all := ""
	return cmd, terminal, func(want string) string {
		t.Helper()
		for limit := time.After(20 * time.Second); !strings.Contains(all, want); {
			select {
			case more, open := <-printed:
				if all += more; !open && !strings.Contains(all, want) {
					t.Fatalf("it ended without %q: %q", want, all)
				}
			case <-limit:
				t.Fatalf("no %q in %q", want, all)
			}
		}
		return all
	}
}

// Who sits in psql does not keep the program from its end: psql is hung up on, and by force where it
// does not mind, and the terminal is as it was, whatever psql had made of it.
func TestForegroundEndsWithTheProgram(t *testing.T) {
	for name, script := range map[string]string{
		"psql":                       "stty raw -echo; echo ready; exec sleep 600",
		"one that minds nothing":     "trap '' HUP TERM; stty raw -echo; echo ready; while :; do sleep 600; done",
		"one that started a shell":   "set -m; trap 'exit 0' HUP; stty raw -echo; sh -c 'echo ready; exec sleep 600'",
		"one that has been stopped":  "stty raw -echo; echo ready; kill -STOP $$",
		"one that has ended already": "echo ready",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, _, until := at(t, script)
			until("ready")
			began := time.Now()
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			all := until("back\r\n") // a terminal that was left raw would not have added the return
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("it took %s", took)
			}
			if !strings.Contains(all, "error <nil>; ours true") {
				t.Errorf("afterwards: %q", all)
			}
		})
	}
}

// What a program says that fails is in sight until its reader goes on, and its code is told.
func TestForegroundThatFails(t *testing.T) {
	t.Parallel()
	_, terminal, until := at(t, "echo no connection; exit 2")
	if all := until("press enter"); !strings.Contains(all, "no connection") || !strings.Contains(all, "sh: exit status 2") {
		t.Errorf("it said %q", all)
	}
	if _, err := io.WriteString(terminal, "\r"); err != nil {
		t.Fatal(err)
	}
	if all := until("back\r\n"); !strings.Contains(all, "error sh: exit status 2; ours true") {
		t.Errorf("afterwards: %q", all)
	}
}

// A program in the place of this one has its own exit code.
func TestStepInHasTheProgramsCode(t *testing.T) {
	t.Parallel()
	for _, code := range []int{0, 2, 42} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asked+"=in its place", fmt.Sprintf("%s_SCRIPT=exit %d", asked, code))
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
			t.Errorf("of %d: %v, %s", code, err, out)
		}
	}
}
