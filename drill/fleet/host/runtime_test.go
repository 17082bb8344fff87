package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLastError(t *testing.T) {
	tests := []struct{ name, out, want string }{
		{"docker", "Error response from daemon: Cannot kill container: x: Container 1 is not running\n", "Cannot kill container: x: Container 1 is not running"},
		{"podman", "Error: no such container x", "no such container x"},
		{"kubeadm", "I1122 loading\nerror execution phase wait-control-plane: no answer\nk8s.io/kubernetes/cmd/app.Run\n\truntime/asm_amd64.s:1771", "error execution phase wait-control-plane: no answer"},
		{"no error named", "one\ntwo\n", "two"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := LastError(tt.out); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// script is a program that stands in for the engine's.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // it has to run
		t.Fatal(err)
	}
	return path
}

func TestCommand(t *testing.T) {
	t.Run("an engine that hangs", func(t *testing.T) {
		// The grandchild holds the output open, as a hung plug-in of docker's does.
		began := time.Now()
		_, err := command(context.Background(), 100*time.Millisecond, script(t, "sleep 60 & wait"), "pause", "x")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer within 100ms") || !strings.Contains(err.Error(), `info"`) {
			t.Errorf("error %v; want what did not answer and what to do", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("a caller that gives up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := command(ctx, time.Minute, script(t, "sleep 60"), "pause", "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
	t.Run("a refusal", func(t *testing.T) {
		_, err := command(context.Background(), time.Minute, script(t, "echo 'Error response from daemon: container x is not running' >&2; exit 1"), "kill", "x")
		if !Refused(err, "not running") || Refused(err, "no such") || !strings.HasSuffix(err.Error(), "kill x: container x is not running") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("an answer", func(t *testing.T) {
		out, err := command(context.Background(), time.Minute, script(t, `echo "$2"; echo warning >&2`), "a", "b")
		if err != nil || string(out) != "b\n" {
			t.Errorf("%q, %v", out, err)
		}
	})
}

// One that is installed and does not answer is passed over.
func TestDetect(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"docker": "echo 'Cannot connect to the Docker daemon' >&2; exit 1",
		"podman": `echo '{"host":{"arch":"amd64","cgroupVersion":"v1"}}'`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // it has to run
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	e, err := Detect(t.Context())
	if err != nil || e.Name != "podman" || !e.CgroupV1 {
		t.Fatalf("%+v, %v", e, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Detect(t.Context()); !errors.Is(err, ErrNoRuntime) || !strings.Contains(err.Error(), "none of docker") {
		t.Errorf("error %v", err)
	}
}
