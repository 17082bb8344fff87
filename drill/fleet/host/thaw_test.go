package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestThawBelow(t *testing.T) {
	root := t.TempDir()
	write := func(dir, state string) string {
		t.Helper()
		path := filepath.Join(root, dir, "freezer.state")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(state+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := write("docker/ours", "FROZEN") // the engine's pause
	pod := write("docker/ours/kubelet.slice/pod.slice/cri-1.scope", "FROZEN")
	thawed := write("docker/ours/kubelet.slice", "THAWED")
	others := write("docker/theirs/kubelet.slice", "FROZEN")
	systemd := write("system.slice/docker-ours.scope/kubelet.slice", "FREEZING")
	if n := thawBelow(root, "ours"); n != 2 {
		t.Errorf("%d thawed, want 2", n)
	}
	tests := []struct{ name, path, want string }{
		{"the node's own", own, "FROZEN\n"},
		{"a pod's", pod, "THAWED"},
		{"one that was not frozen", thawed, "THAWED\n"},
		{"another container's", others, "FROZEN\n"},
		{"with the systemd driver", systemd, "THAWED"},
	}
	for _, tt := range tests {
		if got, err := os.ReadFile(tt.path); err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	failed := errors.New("refused")
	for _, e := range []*Runtime{{CgroupV1: true}, {}} {
		if err := e.ThawFrozen(context.Background(), "ours", func() error { return failed }); !errors.Is(err, failed) {
			t.Errorf("error %v", err)
		}
	}
}
