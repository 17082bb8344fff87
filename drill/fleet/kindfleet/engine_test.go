package kindfleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseInfo(t *testing.T) {
	tests := []struct {
		name, binary, out string
		want              Engine
		err               string
	}{
		{
			"docker on cgroup v1", "docker",
			`{"ServerVersion":"20.10.24","OperatingSystem":"Debian GNU/Linux 12","OSType":"linux","Architecture":"x86_64","CgroupVersion":"1","NCPU":2,"MemTotal":25000000000,"SecurityOptions":["name=seccomp,profile=default"]}`,
			Engine{Binary: "docker", Version: "20.10.24", OS: "Debian GNU/Linux 12", OSType: "linux", Arch: "amd64", CgroupV1: true, CPUs: 2, Memory: 25000000000}, "",
		},
		{
			"Docker Desktop", "docker",
			`{"ServerVersion":"28.0.0","OperatingSystem":"Docker Desktop","OSType":"linux","Architecture":"aarch64","CgroupVersion":"2","NCPU":8,"MemTotal":8000000000}`,
			Engine{Binary: "docker", Version: "28.0.0", OS: "Docker Desktop", OSType: "linux", Arch: "arm64", CPUs: 8, Memory: 8000000000}, "",
		},
		{
			"rootless", "docker",
			`{"ServerVersion":"28.0.0","OSType":"linux","Architecture":"x86_64","CgroupVersion":"2","SecurityOptions":["name=seccomp","name=rootless"]}`,
			Engine{Binary: "docker", Version: "28.0.0", OSType: "linux", Arch: "amd64", Rootless: true}, "",
		},
		{
			"podman", "podman",
			`{"host":{"arch":"arm64","cgroupVersion":"v2","os":"linux","cpus":4,"memTotal":4000000000,"security":{"rootless":true}},"version":{"Version":"5.2.0"}}`,
			Engine{Binary: "podman", Version: "5.2.0", OS: "linux", OSType: "linux", Arch: "arm64", Rootless: true, CPUs: 4, Memory: 4000000000}, "",
		},
		{
			"the client answers and the server does not", "docker",
			`{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon at unix:///var/run/docker.sock."]}`,
			Engine{}, "Cannot connect",
		},
		{"nothing in it", "docker", `{}`, Engine{}, "no architecture"},
		{"not JSON", "docker", `hello`, Engine{}, "not understood"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseInfo(tt.binary, []byte(tt.out))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil || *got != tt.want {
				t.Errorf("got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestLastWords(t *testing.T) {
	tests := []struct{ name, out, want string }{
		{"docker", "Error response from daemon: Cannot kill container: x: Container 1 is not running\n", "Cannot kill container: x: Container 1 is not running"},
		{"podman", "Error: no such container x", "no such container x"},
		{"kubeadm", "I1122 loading\nerror execution phase wait-control-plane: no answer\nk8s.io/kubernetes/cmd/app.Run\n\truntime/asm_amd64.s:1771", "error execution phase wait-control-plane: no answer"},
		{"no error named", "one\ntwo\n", "two"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lastWords(tt.out); got != tt.want {
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
		if !said(err, "not running") || said(err, "no such") || !strings.HasSuffix(err.Error(), "kill x: container x is not running") {
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

func TestDetect(t *testing.T) {
	t.Run("none installed", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := Detect(context.Background()); !errors.Is(err, ErrNoEngine) || !strings.Contains(err.Error(), "none of docker") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("installed and silent, another answers", func(t *testing.T) {
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
		e, err := Detect(context.Background())
		if err != nil || e.Binary != "podman" || !e.CgroupV1 {
			t.Errorf("%+v, %v", e, err)
		}
	})
}
