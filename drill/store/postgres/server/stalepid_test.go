package server

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func TestStalePID(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip("SKIPPED: processes are told apart by /proc")
	}
	data := t.TempDir()
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	// As a postmaster has it, its folder among its arguments.
	server := exec.Command("sh", "-c", "sleep 600 & wait", "-D", data)
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(-server.Process.Pid, syscall.SIGKILL); _ = server.Wait() }()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var thread int
	if _, err := fmt.Sscan(tasks[len(tasks)-1].Name(), &thread); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		want int
	}{
		"none":                    {"", 0},
		"not a number":            {"x\n", 0},
		"a process that is gone":  {fmt.Sprintf("%d\n%s\n", gone.Process.Pid, data), 0},
		"a server of that folder": {fmt.Sprintf("%d\n%s\n", server.Process.Pid, data), 0},
		"a thread of this one":    {fmt.Sprintf("%d\n%s\n", thread, data), thread},
		"another process":         {fmt.Sprintf("%d\n%s\n", os.Getppid(), data), os.Getppid()},
		"without a postmaster":    {fmt.Sprintf("-%d\n%s\n", os.Getppid(), data), os.Getppid()},
	} {
		if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := stalePID(data); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
