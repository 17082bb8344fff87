package record

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test binary play the process that is killed, and another
// fleetdrill that holds a lock.
func TestMain(m *testing.M) {
	switch os.Getenv("RECORD_TEST_ROLE") {
	case "sleeper":
		os.Stdout.WriteString("ready\n")
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	case "locker":
		f, err := Open(os.Getenv("RECORD_TEST_STATE"), "three")
		if err == nil {
			err = f.Lock()
		}
		if err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("ready\n")
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, role string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "RECORD_TEST_ROLE="+role)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("%s said %q, %v", role, line, err)
	}
	return cmd
}

func TestKillByIdentity(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		t.Run("stopped="+strconv.FormatBool(stopped), func(t *testing.T) {
			cmd := start(t, "sleeper")
			p, err := Identify(cmd.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			if !Alive(p) || p.Exe == "" {
				t.Errorf("started and not alive: %+v", p)
			}
			if stopped {
				if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			}
			// As if the PID had been given to another since.
			for name, other := range map[string]Process{
				"start": {PID: p.PID, Started: p.Started - 10, Boot: p.Boot},
				"boot":  {PID: p.PID, Started: p.Started, Boot: "another"},
			} {
				if Alive(other) {
					t.Errorf("another %s passes for alive", name)
				}
				if err := Kill(other); err != nil {
					t.Errorf("another %s: %v", name, err)
				}
			}
			if !Alive(p) {
				t.Fatal("a process was killed under another's identity")
			}
			if err := Kill(p); err != nil {
				t.Fatal(err)
			}
			if Alive(p) {
				t.Error("alive after Kill")
			}
			if _, err := Identify(p.PID); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("not waited for, yet identified: %v", err)
			}
			_ = cmd.Wait()
			if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGKILL {
				t.Errorf("ended by %v", cmd.ProcessState)
			}
			if err := Kill(p); err != nil {
				t.Errorf("killing the dead: %v", err)
			}
		})
	}
}

func TestKillRefusesWhatCannotBeARegion(t *testing.T) {
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Process{self, {PID: 1}, {PID: 0}, {PID: -1}} {
		if err := Kill(p); err == nil {
			t.Errorf("killed %d", p.PID)
		}
	}
}

func TestIdentityIsStable(t *testing.T) {
	first, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if now, err := Self(); err != nil || !now.Same(first) {
			t.Fatalf("%+v became %+v, %v", first, now, err)
		}
	}
}

func TestLockOfAnotherProcess(t *testing.T) {
	state := t.TempDir()
	f := create(t, state, "three")
	other := start(t, "locker", "RECORD_TEST_STATE="+state)
	err := f.Lock()
	var locked *LockedError
	if !errors.As(err, &locked) || locked.PID != other.Process.Pid || !strings.Contains(err.Error(), strconv.Itoa(other.Process.Pid)) {
		t.Errorf("error does not name process %d: %v", other.Process.Pid, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	if err := f.Lock(); err != nil {
		t.Errorf("the lock outlived its holder: %v", err)
	}
}
