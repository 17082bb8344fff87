package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const steadyDrill = `title: A steady load to measure memory under
fleet: three-regions
steady: {for: 5s, success: 90%}
steps:
  - {at: 1s, do: note, text: measuring}
end: 30s
`

// TestMeasureMemory prints the size of both programs, and what a local region's
// process takes: idle 10 s after the fleet is up, and 20 s into 100 requests/s.
func TestMeasureMemory(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for a minute (make bench)")
	}
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("SKIPPED: no /proc/PID/smaps_rollup here")
	}
	for _, path := range []string{program, filepath.Join(filepath.Dir(program), "fleetdrill-agent")} {
		if info, err := os.Stat(path); err == nil {
			t.Logf("size %-18s %6.1f MB", filepath.Base(path), float64(info.Size())/1e6)
		}
	}
	dir := t.TempDir()
	drillFile := filepath.Join(dir, "steady.yaml")
	if err := os.WriteFile(drillFile, []byte(steadyDrill), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		what  string
		after time.Duration
		args  []string
	}{
		{"idle", 10 * time.Second, []string{"up", "--on", "local", "-f", "three-regions"}},
		{"at 100 requests/s", 25 * time.Second, []string{"run", drillFile, "--on", "local", "--journal", filepath.Join(dir, "j.jsonl")}},
	} {
		var out bytes.Buffer
		cmd := exec.Command(program, m.args...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(m.after)
		// A fleet that is up outlives its command, so its regions are known by their folder.
		rss, pss := regionMemory(t, func(p procStat) bool {
			line, _ := os.ReadFile(filepath.Join(p.dir, "cmdline"))
			return bytes.Contains(line, []byte("--region")) && bytes.Contains(line, []byte(dir))
		})
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // an interrupted drill has not passed
		down := exec.Command(program, "down")
		down.Env = cmd.Env
		if said, err := down.CombinedOutput(); err != nil {
			t.Fatalf("down: %v\n%s", err, said)
		}
		if len(rss) == 0 {
			t.Fatalf("%s: no regions:\n%s", m.what, out.String())
		}
		t.Logf("region %-18s RSS %.1f MB, PSS %.1f MB (medians of %d)", m.what, median(rss), median(pss), len(rss))
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// childOf finds the children of a process.
func childOf(parent int) func(procStat) bool {
	return func(p procStat) bool { return len(p.fields) > 1 && p.fields[1] == strconv.Itoa(parent) }
}

// regionMemory is the resident and the proportional set size, in MB, of each process that is a region.
func regionMemory(t *testing.T, is func(procStat) bool) (rss, pss []float64) {
	t.Helper()
	for _, stat := range processes(t) {
		if !is(stat) {
			continue
		}
		rollup, err := os.ReadFile(filepath.Join(stat.dir, "smaps_rollup"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(rollup)) {
			var name string
			var kib float64
			if _, err := fmt.Sscanf(line, "%s %f kB", &name, &kib); err != nil {
				continue
			}
			switch name {
			case "Rss:":
				rss = append(rss, kib*1024/1e6)
			case "Pss:":
				pss = append(pss, kib*1024/1e6)
			}
		}
	}
	return rss, pss
}

// procStat is one of this machine's: its folder in /proc, and the fields of proc(5)'s stat from its state on; the parent's
// number is the second of them.
type procStat struct {
	dir    string
	fields []string
}

func processes(t *testing.T) (all []procStat) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
		all = append(all, procStat{filepath.Dir(path), strings.Fields(after)})
	}
	return all
}
