package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseInfo(t *testing.T) {
	tests := []struct {
		name, program, out string
		want               Runtime
		err                string
	}{
		{
			"docker on cgroup v1", "docker",
			`{"ServerVersion":"20.10.24","OperatingSystem":"Debian GNU/Linux 12","OSType":"linux","Architecture":"x86_64","CgroupVersion":"1","NCPU":2,"MemTotal":25000000000,"SecurityOptions":["name=seccomp,profile=default"]}`,
			Runtime{Name: "docker", Version: "20.10.24", OS: "Debian GNU/Linux 12", Arch: "amd64", CgroupV1: true, CPUs: 2}, "",
		},
		{
			"Docker Desktop", "docker",
			`{"ServerVersion":"28.0.0","OperatingSystem":"Docker Desktop","OSType":"linux","Architecture":"aarch64","CgroupVersion":"2","NCPU":8,"MemTotal":8000000000}`,
			Runtime{Name: "docker", Version: "28.0.0", OS: "Docker Desktop", Arch: "arm64", CPUs: 8}, "",
		},
		{
			"docker, rootless", "docker",
			`{"ServerVersion":"28.0.0","OSType":"linux","Architecture":"x86_64","CgroupVersion":"2","SecurityOptions":["name=seccomp","name=rootless"]}`,
			Runtime{Name: "docker", Version: "28.0.0", Arch: "amd64", Rootless: true}, "",
		},
		{
			"podman", "podman",
			`{"host":{"arch":"arm64","cgroupVersion":"v2","os":"linux","cpus":4,"memTotal":4000000000,"security":{"rootless":true}},"version":{"Version":"5.2.0"}}`,
			Runtime{Name: "podman", Version: "5.2.0", OS: "linux", Arch: "arm64", CPUs: 4, Rootless: true}, "",
		},
		{
			"the client answers and the server does not", "docker",
			`{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon at unix:///var/run/docker.sock."]}`,
			Runtime{}, "Cannot connect",
		},
		{"nothing in it", "docker", `{}`, Runtime{}, "no architecture"},
		{"not JSON", "docker", `hello`, Runtime{}, "not understood"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseInfo(tt.program, []byte(tt.out))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestDetectSaysWhatItTried(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\necho x >&2; echo 'Cannot connect to the Docker daemon' >&2; exit 1"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if _, err := Detect(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "docker info: Cannot connect to the Docker daemon") {
		t.Errorf("error %v", err)
	}
}
