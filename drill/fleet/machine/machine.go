// Package machine finds out what this machine can run: whether a container
// engine answers, and whether memory, disk and kernel limits suffice.
package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/mem"
)

// What one kind region takes, measured on two cores with Kubernetes 1.37: its
// memory once idle, and the time until it serves when made alone and when made
// beside others (the processors are the limit, so time grows with the number).
const (
	RegionMemory = 640 << 20
	RegionDisk   = 2 << 30
	// RegionCores is what a node's boot keeps busy, for some forty seconds: on two
	// cores, restoring one of three regions made the other two fail probes of 500 ms.
	RegionCores   = 1
	firstRegion   = 40 * time.Second
	anotherRegion = 27 * time.Second
)

// BringUp is about how long a kind fleet of n regions takes here: a model from
// the figures above, for two cores.
func BringUp(n int) time.Duration {
	if n == 0 {
		return 0
	}
	return firstRegion + time.Duration(n-1)*anotherRegion
}

// Engine is the container engine as it answered.
type Engine struct {
	Name    string // "docker"
	Version string
	Cgroup  string // "1" or "2"
	Memory  int64  // bytes the engine may use
}

// engineTimeout bounds the question to the engine: one that hangs is as good as
// none.
const engineTimeout = 5 * time.Second

// FindEngine asks the container engine for its version.
func FindEngine(ctx context.Context) (Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", "info", "--format", "{{json .}}")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		switch {
		case errors.Is(err, exec.ErrNotFound):
			return Engine{}, errors.New("docker is not installed")
		case ctx.Err() != nil:
			return Engine{}, fmt.Errorf("docker did not answer within %s", engineTimeout)
		case errors.As(err, &exit) && len(exit.Stderr) > 0:
			return Engine{}, errors.New(lastLine(string(exit.Stderr)))
		}
		return Engine{}, fmt.Errorf("ask docker: %w", err)
	}
	return parseEngine(out)
}

func parseEngine(out []byte) (Engine, error) {
	var info struct {
		ServerVersion string
		CgroupVersion string
		MemTotal      int64
		ServerErrors  []string
	}
	if err := json.Unmarshal(out, &info); err != nil {
		return Engine{}, fmt.Errorf("read docker's answer: %w", err)
	}
	if len(info.ServerErrors) > 0 {
		return Engine{}, errors.New(info.ServerErrors[0])
	}
	if info.ServerVersion == "" {
		return Engine{}, errors.New("the docker client is there, but no engine answers")
	}
	return Engine{Name: "docker", Version: info.ServerVersion, Cgroup: info.CgroupVersion, Memory: info.MemTotal}, nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// MemoryFree is the bytes of memory that programs can still get.
func MemoryFree() (int64, error) {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0, fmt.Errorf("ask for free memory: %w", err)
	}
	return int64(m.Available), nil
}

// DiskFree is the bytes free where a folder (or its nearest parent) lies.
func DiskFree(dir string) (int64, error) {
	for dir != "/" && dir != "." {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = dir[:max(strings.LastIndexByte(dir, '/'), 1)]
		if len(dir) > 1 {
			dir = strings.TrimRight(dir, "/")
		}
	}
	u, err := disk.Usage(dir)
	if err != nil {
		return 0, fmt.Errorf("ask for the free space of %s: %w", dir, err)
	}
	return int64(u.Free), nil
}

// limit reads one kernel limit, false where the kernel has none (not Linux).
func limit(path string) (int64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}
