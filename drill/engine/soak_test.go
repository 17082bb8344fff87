package engine

import (
	"cmp"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// bound is how much of something a soak may take more at its end than at its beginning.
type bound struct {
	name, unit string
	// at most `once` in all, whatever the length, and `each` for a cycle more: what is kept of
	// every write (the ledger), every event (state, journal) and every entry (the stores).
	once, each float64
}

// The bounds. A cycle is 3 to 6 s with about 100 writes: the ledger keeps 200 bytes of
// each, the state some 40 events a cycle, twice (the engine's and the test's), the journal
// half a kilobyte of each event, and three stores 256 bytes of each write with their indexes. Where nothing
// is to be kept, nothing may grow: `once` is for pools of connections, which take a minute or two to fill
// up (6 cycles: 234 goroutines and 130 descriptors more), and a leak of one a cycle is above it in 1,000.
var bounds = []bound{
	{"memory of fleetdrill", "bytes", 16 << 20, 160 << 10},
	{"goroutines of fleetdrill", "", 700, 0},
	{"descriptors of fleetdrill", "", 350, 0},
	{"memory of a region", "bytes", 24 << 20, 8 << 10},
	{"threads of a region", "", 12, 0},
	{"descriptors of a region", "", 100, 0},
	{"disk", "bytes", 32 << 20, 1 << 20},
}

// growth is by how much a series rises over its length: the median of the slopes between all its points
// (Theil and Sen), which a few outliers do not move, times its length. The first fifth is left
// out: that is warming up.
func growth(series []float64) float64 {
	series = series[len(series)/5:]
	var slopes []float64
	for i := range series {
		for j := i + 1; j < len(series); j++ {
			slopes = append(slopes, (series[j]-series[i])/float64(j-i))
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2] * float64(len(series)-1)
}

// breaks says by how much a series is above its bound; "" when it is not.
func (b bound) breaks(series []float64) string {
	allowed := b.once + b.each*float64(len(series))
	if grown := growth(series); grown > allowed {
		return fmt.Sprintf("%s: %.0f %s more over %d cycles, %.0f are allowed", b.name, grown, b.unit, len(series), allowed)
	}
	return ""
}

func TestASoaksBoundsHold(t *testing.T) {
	b := bound{name: "x", once: 100, each: 1}
	leak, flat, noisy := make([]float64, 1000), make([]float64, 1000), make([]float64, 1000)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range leak {
		leak[i], flat[i] = 3*float64(i), 1e6
		noisy[i] = 500*rng.Float64() + float64(i)/10
	}
	for i := range 100 {
		flat[i] = 0 // warming up is no growth
	}
	noisy[999] = 1e9
	if b.breaks(leak) == "" {
		t.Error("3 a cycle is within 1 a cycle")
	}
	for name, series := range map[string][]float64{"flat": flat, "noisy": noisy, "one": {5}, "none": nil} {
		if why := b.breaks(series); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// soakRate is the requests of each population in a second: the soak is about cycles, not load.
const soakRate = 15

// TestSoak kills and freezes regions, CYCLES times in a row, and mends them. Whatever grows is bounded,
// and at the end every acknowledged write is there.
func TestSoak(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_SOAK") != "1" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_SOAK is not 1; it kills and freezes regions for hours (make test-soak)")
	}
	if !processes() {
		t.Fatal("FLEETDRILL_TEST_SOAK=1 needs FLEETDRILL_TEST_DATA=1 and FLEETDRILL_BIN: make test-soak")
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("SKIPPED: no /proc here, so nothing can be measured")
	}
	cycles, err := strconv.Atoi(cmp.Or(os.Getenv("CYCLES"), "1000"))
	if err != nil || cycles < 1 {
		t.Fatalf("CYCLES=%s is no number of cycles", os.Getenv("CYCLES"))
	}
	spec := dataSpec("log", topology.Durability{Mode: topology.ModeQuorum})
	for i := range spec.Users {
		spec.Users[i].Rate = soakRate
	}
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	w, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	tries(t, 1, func(t *attempt) {
		l := startDataLab(t, spec, 7, func(c *Config) { c.Journal, c.History = w, nil })
		series := map[string][]float64{}
		rng := rand.New(rand.NewPCG(5, 5))
		began := time.Now()
		for i := range cycles {
			// c is never killed: what its process grows by is seen over the whole length.
			verb, region := runbook.VerbKill, []string{"a", "b"}[rng.IntN(2)]
			if i%2 == 1 {
				verb, region = runbook.VerbFreeze, []string{"a", "b", "c"}[rng.IntN(3)]
			}
			l.cycle(verb, region)
			for name, v := range l.sample(path) {
				series[name] = append(series[name], v)
			}
			if i%20 == 0 || i == cycles-1 {
				t.Logf("cycle %d after %s: %s", i+1, time.Since(began).Round(time.Second), latest(series))
			}
		}
		l.equal()
		sent, acked := 0, 0
		l.end()
		for _, ev := range l.events {
			if c, ok := ev.Body.(drill.LedgerChecked); ok && c.Why == drill.CheckedAtEnd {
				sent, acked = c.Acknowledged+c.Unacknowledged, c.Acknowledged
			}
		}
		t.Logf("%d writes, %d acknowledged, every one of them there", sent, acked)
		if acked < cycles {
			t.Errorf("only %d writes were acknowledged in %d cycles", acked, cycles)
		}
		for _, b := range bounds {
			t.Logf("%-26s first %.0f, last %.0f, grown by %.0f %s", b.name, series[b.name][0], series[b.name][cycles-1], growth(series[b.name]), b.unit)
			if why := b.breaks(series[b.name]); why != "" {
				t.Error(why)
			}
		}
	})
}

// cycle breaks a region and mends it; it returns once all is as it was.
func (l *dataLab) cycle(verb runbook.Verb, region string) {
	l.Helper()
	lead := ""
	l.look(func(s *drill.State) { lead = s.Dataset(dataset).Authority })
	l.must(runbook.Command{Verb: verb, Region: region})
	if region == lead {
		l.until("another region leads", time.Minute, func(s *drill.State) bool {
			d := s.Dataset(dataset)
			return d.Authority != "" && d.Authority != region && d.Waiting == nil
		})
	}
	l.must(runbook.Command{Verb: runbook.VerbRestore, Region: region})
	l.until("the fleet is whole", time.Minute, func(s *drill.State) bool {
		d := s.Dataset(dataset)
		followers := 0
		for _, r := range d.Replicas {
			if r.Role == role.Follower && !r.Seeding && !r.Stale && r.LagWrites != nil && *r.LagWrites < soakRate {
				followers++
			}
		}
		up := 0
		for _, r := range s.Regions {
			if r.Up != nil && *r.Up && r.Fault == nil {
				up++
			}
		}
		return d.Authority != "" && d.Waiting == nil && followers == 2 && up == 3
	})
}

// sample is what is taken now, by the names of bounds.
func (l *dataLab) sample(journal string) map[string]float64 {
	l.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	records, err := record.List(l.folder)
	if err != nil || len(records) != 1 {
		l.Fatalf("%d records in %s: %v", len(records), l.folder, err)
	}
	pid := 0
	for _, p := range records[0].Processes {
		if p.Region == "c" {
			pid = p.PID
		}
	}
	status := processStatus(l.T, pid)
	return map[string]float64{
		"memory of fleetdrill":      float64(m.HeapAlloc + m.StackInuse),
		"goroutines of fleetdrill":  float64(runtime.NumGoroutine()),
		"descriptors of fleetdrill": descriptors(l.T, os.Getpid()),
		"memory of a region":        1024 * status["VmRSS"],
		"threads of a region":       status["Threads"],
		"descriptors of a region":   descriptors(l.T, pid),
		"disk":                      size(l.T, l.folder) + size(l.T, journal),
	}
}

func latest(series map[string][]float64) string {
	var out []string
	for _, b := range bounds {
		all := series[b.name]
		out = append(out, fmt.Sprintf("%s %.0f", b.name, all[len(all)-1]))
	}
	return strings.Join(out, ", ")
}

func descriptors(t *testing.T, pid int) float64 {
	t.Helper()
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return float64(len(all))
}

// processStatus is the numbers of /proc/PID/status.
func processStatus(t *testing.T, pid int) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, line := range strings.Split(string(text), "\n") {
		name, rest, _ := strings.Cut(line, ":")
		if f := strings.Fields(rest); len(f) > 0 {
			if n, err := strconv.ParseFloat(f[0], 64); err == nil {
				out[name] = n
			}
		}
	}
	return out
}

// size is the bytes of a file, or of all files of a folder.
func size(t *testing.T, path string) (n float64) {
	t.Helper()
	err := filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // it was there a moment ago
		}
		if info, err := e.Info(); err == nil {
			n += float64(info.Size())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
