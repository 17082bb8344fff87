package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// databases are the processes of the PostgreSQL server that runs for a region below a
// folder, its postmaster first.
func databases(t *testing.T, folder, region string) (all []int) {
	t.Helper()
	parents := map[int]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("SKIPPED: a server's processes are found in /proc")
	}
	for _, path := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline")) // it may have ended
		for arg := range strings.SplitSeq(string(command), "\x00") {
			if strings.HasPrefix(arg, folder) && strings.Contains(arg, "/"+region+"/") && strings.HasSuffix(arg, "/pg/data") {
				all = append(all, pid)
			}
		}
		text, _ := os.ReadFile(path)
		_, rest, _ := strings.Cut(string(text), ") ")
		var state string
		var parent int
		if _, err := fmt.Sscan(rest, &state, &parent); err == nil {
			parents[pid] = parent
		}
	}
	if len(all) != 1 {
		t.Fatalf("%d servers of %s run below %s", len(all), region, folder)
	}
	for pid, parent := range parents {
		if parent == all[0] {
			all = append(all, pid)
		}
	}
	return all
}

// TestADatabaseThatHangs stops the authority's PostgreSQL and not its region: it is said,
// another region leads, nothing that the mode keeps is lost, and what was stopped takes no
// write when it goes on, and rejoins.
func TestADatabaseThatHangs(t *testing.T) {
	if !processes() || !slices.Contains(dataEngines(t), "postgres") {
		t.Skip("SKIPPED: it stops PostgreSQL servers (make test-data)")
	}
	for _, mode := range []topology.Mode{topology.ModeAsync, topology.ModeQuorum} {
		t.Run(string(mode), func(t *testing.T) {
			spec := dataSpec("postgres", topology.Durability{Mode: mode})
			for i := range spec.Users {
				spec.Users[i].Rate = 20 // a machine that is busy with users looks like one that hangs
			}
			attempts(t, func(t *attempt) {
				l := newDataLab(t, spec, 7)
				l.written(50)
				stopped := databases(t.T, l.folder, "a")
				signal := func(s syscall.Signal) {
					for _, pid := range stopped {
						_ = syscall.Kill(pid, s) // it may have ended
					}
				}
				signal(syscall.SIGSTOP)
				t.Cleanup(func() { signal(syscall.SIGCONT) })
				l.until("the timeline says that it hangs", 30*time.Second, func(s *drill.State) bool {
					b, stalls := s.Dataset(dataset).Stalled["a"]
					return stalls && b.Why != ""
				})
				l.until("the authority has moved", 60*time.Second, func(s *drill.State) bool {
					return len(s.Failovers) > 0 && s.Failovers[0].Check != nil && s.Dataset(dataset).Authority != "a"
				})
				l.written(50)
				if l.do(runbook.Command{Verb: runbook.VerbSwitchover, Dataset: dataset, To: "a"}) {
					t.Error("a region whose database hangs was made the authority")
				}
				signal(syscall.SIGCONT)
				l.until("it takes writes again", 60*time.Second, func(s *drill.State) bool { return len(s.Dataset(dataset).Stalled) == 0 })
				l.written(50)
				l.look(func(s *drill.State) {
					if n := len(s.Dataset(dataset).Splits); n > 0 {
						t.Wrong("%d split brains", n)
					}
					if n := len(s.Failovers); n != 1 {
						t.Errorf("%d failovers for one database that hung", n)
					}
					f := s.Failovers[0]
					t.Logf("RTO: %+v", f)
				})
				l.equal()
				l.end()
			})
		})
	}
}

// TestAPostmasterThatHangs stops the process of the authority's PostgreSQL that takes new
// connections, and no other: users' writes go on over those that there are, or another region
// leads, and nothing is lost.
func TestAPostmasterThatHangs(t *testing.T) {
	if !processes() || !slices.Contains(dataEngines(t), "postgres") {
		t.Skip("SKIPPED: it stops PostgreSQL servers (make test-data)")
	}
	spec := dataSpec("postgres", topology.Durability{Mode: topology.ModeQuorum})
	for i := range spec.Users {
		spec.Users[i].Rate = 20
	}
	attempts(t, func(t *attempt) {
		l := newDataLab(t, spec, 7)
		l.written(50)
		postmaster := databases(t.T, l.folder, "a")[0]
		if err := syscall.Kill(postmaster, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Kill(postmaster, syscall.SIGCONT) }) // it may have ended
		l.written(150)
		if err := syscall.Kill(postmaster, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		l.written(50)
		l.look(func(s *drill.State) {
			if n := len(s.Dataset(dataset).Splits); n > 0 {
				t.Wrong("%d split brains", n)
			}
			t.Logf("%d failovers", len(s.Failovers))
		})
		l.equal()
		l.end()
	})
}
