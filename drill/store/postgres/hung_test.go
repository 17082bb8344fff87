package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// processes are those of a replica's server, the postmaster first.
func processes(t testing.TB, r *Replica) []int {
	t.Helper()
	p := r.server.Process()
	if p == nil {
		t.Fatalf("%s has no server", r.cfg.Region)
	}
	all := []int{p.PID()}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("SKIPPED: a server's processes are found in /proc")
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid: the name may hold anything.
		_, rest, _ := strings.Cut(string(text), ") ")
		var state string
		var parent int
		if _, err := fmt.Sscan(rest, &state, &parent); err == nil && parent == all[0] {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			all = append(all, pid)
		}
	}
	return all
}

// signal sends the processes of a replica's server one each; those that end meanwhile are none.
func signal(pids []int, s syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, s)
	}
}

// hang stops a replica's server, and continues it.
func hang(t testing.TB, r *Replica) (resume func()) {
	t.Helper()
	all := processes(t, r)
	signal(all, syscall.SIGSTOP)
	return func() { signal(all, syscall.SIGCONT) }
}

// readOnly has a replica's server refuse every write.
func readOnly(t testing.TB, r *Replica) (back func()) {
	t.Helper()
	set := func(how string) {
		t.Helper()
		for _, sql := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM " + how, "SELECT pg_reload_conf()"} {
			if _, err := r.server.Own().Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("SET default_transaction_read_only = on")
	return func() { set("RESET default_transaction_read_only") }
}
