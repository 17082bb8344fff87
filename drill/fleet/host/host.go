// Package host finds out what this machine can run: whether a container
// engine answers, and whether memory, disk and kernel limits suffice.
package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"
	system "github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"
)

// What one kind region takes, measured on two cores with Kubernetes 1.37: its
// memory once idle, and the time until it serves when made alone and when made
// beside others (the processors are the limit, so time grows with the number).
const (
	RegionMemory = 640 << 20
	RegionDisk   = 2 << 30
	// RegionCores is what a node's boot keeps busy, for some forty seconds.
	RegionCores = 1
	// provedRegions is how many passed ten drills of ten, a boot in each, on provedCores
	// with nothing beside them (docs/benchmarks.md). With compilers beside, they did not.
	provedRegions = 3
	provedCores   = 2
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

// MemoryFree is the bytes of memory that programs can still get.
func MemoryFree() (int64, error) {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0, fmt.Errorf("ask for free memory: %w", err)
	}
	return int64(m.Available), nil
}

// Memory is the bytes of memory that are there; 0 where the machine does not say.
func Memory() int64 {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0
	}
	return int64(m.Total) // of the machine, whatever a container of this process may have
}

// Release is the kernel's version; empty where the machine does not say.
func Release() string {
	release, err := system.KernelVersion()
	if err != nil {
		return ""
	}
	return release
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
