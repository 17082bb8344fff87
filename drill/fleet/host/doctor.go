package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Finding is one thing that was looked at. Needed says for what; Fix is what
// puts it right, mostly a command; empty when all is well.
type Finding struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Optional is what fleets work without, though not as well or not all of them.
	Optional bool   `json:"optional,omitempty"`
	Found    string `json:"found"`
	Needed   string `json:"needed_for"`
	Fix      string `json:"fix,omitempty"`
}

// String is the finding in one line: "memory: 1.2 GiB free, about 1.9 GiB needed".
func (f Finding) String() string { return f.Name + ": " + f.Found }

// Word is how a finding is judged: ok, warning, or missing.
func (f Finding) Word() string {
	switch {
	case f.OK:
		return "ok"
	case f.Optional:
		return "warning"
	}
	return "missing"
}

// Missing is the findings that are not well, warnings among them. A machine of which there is
// none is at ease with what was looked at.
func Missing(findings []Finding) []Finding {
	var bad []Finding
	for _, f := range findings {
		if !f.OK {
			bad = append(bad, f)
		}
	}
	return bad
}

// The limits that several kind clusters need: kind's known issues name 512
// instances and 524288 watches ("pod errors due to too many open files").
const (
	wantInstances = 512
	wantWatches   = 524288
)

// DiagnoseClusters looks at what a fleet of so many clusters in containers needs.
// platform is its name, stateDir where fleetdrill keeps its records.
func DiagnoseClusters(ctx context.Context, platform string, clusters int, stateDir string) []Finding {
	needed := fmt.Sprintf("%d %s regions", clusters, platform)
	return slices.Concat(
		[]Finding{engineFinding(ctx, platform+" fleets")},
		inotifyFindings("several "+platform+" clusters at once"),
		[]Finding{
			processorFinding(needed, clusters, runtime.NumCPU()),
			memoryFinding(needed, clusters),
			diskFinding(needed, clusters, stateDir),
		},
	)
}

// Diagnose looks at what every fleet needs, or may.
func Diagnose(stateDir string) []Finding {
	return []Finding{writableFinding(stateDir), filesFinding(Files()), postgresFinding(os.Getenv("PATH"))}
}

func engineFinding(ctx context.Context, needed string) Finding {
	f := Finding{Name: "container engine", Needed: needed}
	e, err := Detect(ctx)
	if err != nil {
		f.Found, f.Fix = err.Error(), "start Docker (`sudo systemctl start docker`), or install it: https://docs.docker.com/engine/install"
		return f
	}
	f.OK, f.Found = true, fmt.Sprintf("%s %s, cgroup v2", e.Name, e.Version)
	if e.CgroupV1 {
		f.Found = fmt.Sprintf("%s %s, cgroup v1 (the kubelet is told to accept it)", e.Name, e.Version)
	}
	return f
}

func inotifyFindings(needed string) []Finding {
	var out []Finding
	for _, l := range []struct {
		name string
		want int64
	}{{"max_user_instances", wantInstances}, {"max_user_watches", wantWatches}} {
		n, known := limit("/proc/sys/fs/inotify/" + l.name)
		if !known {
			continue
		}
		f := Finding{Name: "inotify " + l.name, Needed: needed, OK: n >= l.want, Found: fmt.Sprint(n)}
		if !f.OK {
			f.Fix = fmt.Sprintf("sudo sysctl fs.inotify.%s=%d", l.name, l.want)
		}
		out = append(out, f)
	}
	return out
}

func processorFinding(needed string, regions, have int) Finding {
	want := regions * RegionCores
	f := Finding{Name: "processors", Needed: needed, OK: have >= want, Found: fmt.Sprintf("%d, about %d needed", have, want)}
	const less = "a fleet of fewer regions (fleetdrill up -f two-regions), or longer routing.probe timeouts in the fleet file"
	switch {
	case f.OK:
	case regions*provedCores <= have*provedRegions:
		f.Optional = true
		f.Found = fmt.Sprintf("%d: drills held with that few where nothing ran beside them; %d are at ease", have, want)
		f.Fix = "end other programs before a drill; where there must be some, use " + less
	default:
		f.Fix = "use " + less + ": while a node boots the others answer late, and that looks like an outage"
	}
	return f
}

func memoryFinding(needed string, regions int) Finding {
	want := int64(regions) * RegionMemory
	f := Finding{Name: "memory", Needed: needed}
	free, err := MemoryFree()
	if err != nil {
		f.Found = err.Error()
		return f
	}
	f.OK, f.Found = free >= want, fmt.Sprintf("%s free, about %s needed", format.Bytes(free), format.Bytes(want))
	if !f.OK {
		f.Fix = "end other programs, or use a fleet of fewer regions: fleetdrill up -f two-regions"
	}
	return f
}

func diskFinding(needed string, regions int, dir string) Finding {
	want := int64(regions) * RegionDisk
	f := Finding{Name: "disk", Needed: needed}
	free, err := DiskFree(dir)
	if err != nil {
		f.Found = err.Error()
		return f
	}
	f.OK, f.Found = free >= want, fmt.Sprintf("%s free at %s, about %s needed", format.Bytes(free), dir, format.Bytes(want))
	if !f.OK {
		f.Fix = "docker system prune"
	}
	return f
}

func writableFinding(dir string) Finding {
	f := Finding{Name: "state folder", Needed: "every fleet", Found: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		f.Found, f.Fix = err.Error(), "choose another with --state-dir"
		return f
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		f.Found, f.Fix = err.Error(), "choose another with --state-dir"
		return f
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	f.OK = true
	return f
}

// postgresServer is what the engine looks for, and where beside the PATH.
var postgresServer = func() store.Server {
	engine, _ := store.EngineOf(store.EnginePostgres)
	return *engine.Server
}()

// postgresFinding looks for the server's own programs where the engine does.
func postgresFinding(path string) Finding {
	dirs := filepath.SplitList(path)
	for _, pattern := range postgresServer.Places {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return postgresIn(dirs)
}

// postgresIn takes the first folder that has all of a server that is new enough.
func postgresIn(dirs []string) Finding {
	f := Finding{Name: "PostgreSQL", Optional: true, Needed: "datasets with engine postgres (15 or later); log needs nothing"}
	var problems []string
	for _, dir := range dirs {
		program := filepath.Join(dir, postgresServer.Program)
		if info, err := os.Stat(program); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		out, err := exec.Command(program, "--version").Output()
		if err != nil {
			continue
		}
		version := strings.TrimSpace(string(out))
		missing, major := missingTools(dir), majorOf(version)
		switch {
		case major < postgresServer.Oldest:
			problems = append(problems, fmt.Sprintf("%s at %s is older than %d", version, dir, postgresServer.Oldest))
		case len(missing) > 0:
			problems = append(problems, fmt.Sprintf("%s at %s has no %s", version, dir, strings.Join(missing, ", ")))
		default:
			f.OK, f.Found = true, version+" at "+dir
			return f
		}
	}
	f.Found, f.Fix = "not found", postgresServer.Install
	if len(problems) > 0 {
		f.Found = strings.Join(problems, "; ")
	}
	return f
}

// missingTools is which of the programs that the engine runs are not in the folder. Some
// distributions put them into packages of their own, or link only a few.
func missingTools(dir string) []string {
	var missing []string
	for _, name := range postgresServer.Tools {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			missing = append(missing, name)
		}
	}
	return missing
}

var versionNumber = regexp.MustCompile(`[0-9]+`)

// majorOf is the major version in "postgres (PostgreSQL) 15.8 (Debian …)"; 0 if there is none.
func majorOf(version string) int {
	n, _ := strconv.Atoi(versionNumber.FindString(version)) // no number is none
	return n
}
