package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/image"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// fakeEngine stands in for docker with a folder of containers, each a file with
// what inspect answers, under its id and under its name.
type fakeEngine struct {
	*host.Runtime
	dir string
}

const engineScript = `dir=$(dirname "$0")
echo "$*" >> "$dir/calls"
case "$1" in
container) cat "$dir/containers/$3" 2>/dev/null || { echo "Error: No such container: $3" >&2; exit 1; } ;;
rm) grep -l "\"$4\"" "$dir"/containers/* | xargs rm ;;
volume) echo "Error response from daemon: get $3: no such volume" >&2; exit 1 ;;
kill|pause|unpause|start) echo "Error response from daemon: Container $2 is not running" >&2; exit 1 ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
`

func newFakeEngine(t *testing.T) fakeEngine {
	t.Helper()
	binary := script(t, engineScript)
	dir := filepath.Dir(binary)
	if err := os.Mkdir(filepath.Join(dir, "containers"), 0o700); err != nil {
		t.Fatal(err)
	}
	return fakeEngine{&host.Runtime{Name: binary, Arch: "amd64"}, dir}
}

func (e fakeEngine) add(t *testing.T, id, name, cluster string, created time.Time) {
	t.Helper()
	answer := fmt.Sprintf(`[{"Id": "%[1]s", "Name": "/%[2]s", "Created": "%[3]s", "Config": {"Labels": {"io.x-k8s.kind.cluster": "%[4]s"}},
  "State": {"Status": "running", "Running": true}, "Mounts": [{"Type": "bind", "Name": ""}, {"Type": "volume", "Name": "var-of-%[1]s"}],
  "HostConfig": {"PortBindings": {"30080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}]}}}]`,
		id, name, created.Format(time.RFC3339Nano), cluster)
	for _, f := range []string{id, name} {
		if err := os.WriteFile(filepath.Join(e.dir, "containers", f), []byte(answer), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (e fakeEngine) has(id string) bool {
	_, err := os.Stat(filepath.Join(e.dir, "containers", id))
	return err == nil
}

func (e fakeEngine) calls(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(e.dir, "calls"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(raw)
}

const (
	demoCluster = "fleetdrill-demo-us-east"
	demoNode    = demoCluster + "-control-plane"
)

func demo(t *testing.T, e fakeEngine) *Platform {
	t.Helper()
	agent, err := filepath.Abs(filepath.Join("testdata", "none"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{
		Fleet:    topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "us-east"}}},
		StateDir: t.TempDir(), AgentBinary: agent,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.engine = e.Runtime
	return f
}

// recorded puts a fleet on record as a process of fleetdrill had it that was killed.
func recorded(t *testing.T, f *Platform, clusters ...record.Cluster) {
	t.Helper()
	onRecord(t, f, record.Record{Clusters: clusters})
}

func onRecord(t *testing.T, f *Platform, r record.Record) {
	t.Helper()
	r.Fleet, r.On = f.cfg.Fleet, On
	if _, err := record.Create(f.cfg.StateDir, r); err != nil {
		t.Fatal(err)
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		name    string
		fleet   string
		regions []string
		want    string
	}{
		{"good", "three-regions", []string{"us-east", "eu-west"}, ""},
		{"a name of capitals", "Three", []string{"us-east"}, "lower case"},
		{"a name that is too long", strings.Repeat("a", 30), []string{"us-east-1"}, "a node of kind takes 49"},
		{"a region twice", "two", []string{"us-east", "us-east"}, "twice"},
		{"no region", "none", nil, "no regions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := topology.Fleet{Name: tt.fleet}
			for _, r := range tt.regions {
				spec.Regions = append(spec.Regions, topology.Region{Name: r})
			}
			_, err := New(Config{Fleet: spec, StateDir: t.TempDir()})
			if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUpIsRefused(t *testing.T) {
	agent := staticProgram(t)
	t.Run("a cluster of the name is not ours", func(t *testing.T) {
		e := newFakeEngine(t)
		e.add(t, "theirs", demoNode, demoCluster, time.Now())
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		err := f.Up(context.Background())
		if !errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), "region us-east") || !strings.Contains(err.Error(), "kind delete cluster --name "+demoCluster) {
			t.Errorf("error %v; want ErrExists, which region, and what to do", err)
		}
		if err := f.Down(context.Background()); err != nil || !e.has("theirs") {
			t.Errorf("Down: %v; theirs is there: %t", err, e.has("theirs"))
		}
		if left, _ := os.ReadDir(f.cfg.StateDir); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	})
	t.Run("a fleet of the name has other regions", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		other := demo(t, e)
		other.cfg.StateDir, other.own.state = f.cfg.StateDir, f.cfg.StateDir
		other.cfg.Fleet.Regions = []topology.Region{{Name: "mars"}}
		recorded(t, other, record.Cluster{Region: "mars", Name: "fleetdrill-demo-mars", NodeContainerID: "mars"})
		e.add(t, "mars", "fleetdrill-demo-mars-control-plane", "fleetdrill-demo-mars", time.Now())
		if err := f.Up(context.Background()); !errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), "mars") {
			t.Errorf("error %v", err)
		}
		if err := f.Down(context.Background()); err != nil || !e.has("mars") {
			t.Errorf("Down after a refused Up: %v; the other fleet is there: %t", err, e.has("mars"))
		}
	})
	t.Run("another process drives it", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		f.cfg.AgentBinary = agent
		recorded(t, f, record.Cluster{Region: "us-east", Name: demoCluster, NodeContainerID: "ours"})
		e.add(t, "ours", demoNode, demoCluster, time.Now())
		held, err := record.Open(f.cfg.StateDir, "demo")
		if err != nil {
			t.Fatal(err)
		}
		if err := held.Lock(); err != nil {
			t.Fatal(err)
		}
		if err := f.Up(context.Background()); !errors.Is(err, record.ErrLocked) {
			t.Errorf("Up: %v, want ErrLocked", err)
		}
		if err := f.Down(context.Background()); err != nil || !e.has("ours") {
			t.Errorf("Down after a refused Up: %v; the fleet is there: %t", err, e.has("ours"))
		}
		// A Down that nobody tried an Up before says why it can't.
		fresh := demo(t, e)
		fresh.cfg.StateDir, fresh.own.state = f.cfg.StateDir, f.cfg.StateDir
		if err := fresh.Down(context.Background()); !errors.Is(err, record.ErrLocked) || !e.has("ours") {
			t.Errorf("Down: %v, want ErrLocked", err)
		}
	})
	t.Run("the agent cannot run there", func(t *testing.T) {
		e := newFakeEngine(t)
		f := demo(t, e)
		if err := f.Up(context.Background()); !errors.Is(err, image.ErrAgent) {
			t.Errorf("error %v", err)
		}
		if left, _ := os.ReadDir(f.cfg.StateDir); len(left) > 0 || e.calls(t) != "" {
			t.Errorf("left %v, sent %q", left, e.calls(t))
		}
	})
}

func TestDown(t *testing.T) {
	ours := record.Cluster{Region: "us-east", Name: demoCluster, NodeContainerID: "ours", Volumes: []string{"var-of-ours"}}
	half := record.Cluster{Region: "us-east", Name: demoCluster}
	tests := []struct {
		name    string
		cluster record.Cluster
		id      string // container of the node's name
		label   string
		created time.Duration // after the record
		gone    bool
		volume  bool // its volume is removed by itself, since it had no node any more
	}{
		{"the recorded node", ours, "ours", demoCluster, time.Second, true, false},
		{"another node of the name", ours, "theirs", demoCluster, time.Second, false, true},
		{"made but not yet recorded by its id", half, "unseen", demoCluster, time.Second, true, false},
		{"of the name, older than the record", half, "old", demoCluster, -time.Hour, false, false},
		{"of the name, without kind's label", half, "decoy", "", time.Second, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newFakeEngine(t)
			f := demo(t, e)
			recorded(t, f, tt.cluster)
			e.add(t, tt.id, demoNode, tt.label, time.Now().Add(tt.created))
			e.add(t, "bystander", "fleetdrill-demo-us-east-2-control-plane", "fleetdrill-demo-us-east-2", time.Now())
			for range 2 { // Down may be called again
				if err := f.Down(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if e.has(tt.id) == tt.gone {
				t.Errorf("container is there: %t", e.has(tt.id))
			}
			if !e.has("bystander") {
				t.Error("a container of a similar name is gone")
			}
			if left, _ := filepath.Glob(filepath.Join(f.cfg.StateDir, "*")); len(left) > 0 {
				t.Errorf("files left: %q", left)
			}
			if got := strings.Contains(e.calls(t), "volume rm var-of-ours\n"); got != tt.volume {
				t.Errorf("the volume of a node that is gone was removed: %t", got)
			}
			if tt.gone && !strings.Contains(e.calls(t), "rm --force --volumes "+tt.id+"\n") {
				t.Errorf("not removed by its id and with its volumes:\n%s", e.calls(t))
			}
		})
	}
}

// A docker that fleetdrill had started before it was killed may still be making
// the node when Down looks.
func TestDownWaitsForALateNode(t *testing.T) {
	e := newFakeEngine(t)
	f := demo(t, e)
	recorded(t, f, record.Cluster{Region: "us-east", Name: demoCluster})
	done := make(chan error, 1)
	go func() { done <- f.Down(context.Background()) }()
	for !strings.Contains(e.calls(t), "inspect") {
		time.Sleep(time.Millisecond)
	}
	e.add(t, "late", demoNode, demoCluster, time.Now())
	if err := <-done; err != nil || e.has("late") {
		t.Errorf("Down: %v, the late node is there: %t", err, e.has("late"))
	}
}

func TestDownKeepsTheRecordWhenTheEngineRefuses(t *testing.T) {
	e := newFakeEngine(t)
	f := demo(t, e)
	recorded(t, f, record.Cluster{Region: "us-east", Name: demoCluster, NodeContainerID: "ours"})
	broken := &host.Runtime{Name: script(t, "echo 'Cannot connect to the Docker daemon' >&2; exit 1")}
	f.engine = broken
	if err := f.Down(context.Background()); err == nil || !strings.Contains(err.Error(), "region us-east") || !strings.Contains(err.Error(), "Cannot connect") {
		t.Errorf("error %v", err)
	}
	if _, err := record.List(f.cfg.StateDir); err != nil {
		t.Errorf("the record: %v", err)
	}
	e.add(t, "ours", demoNode, demoCluster, time.Now())
	f.engine = e.Runtime
	if err := f.Down(context.Background()); err != nil || e.has("ours") {
		t.Errorf("Down once the engine is back: %v, ours is there: %t", err, e.has("ours"))
	}
}

func TestCommandsOnARegionThatIsDown(t *testing.T) {
	e := newFakeEngine(t)
	f := demo(t, e)
	ctx := context.Background()
	if _, err := f.Do(ctx, "mars", fleet.OpKill); err == nil || !strings.Contains(err.Error(), "not in fleet demo") {
		t.Errorf("an unknown region: %v", err)
	}
	for _, op := range fleet.Ops {
		want := fleet.ErrDown
		if f.Can(op) != nil {
			want = fleet.ErrCannot
		}
		if _, err := f.Do(ctx, "us-east", op); !errors.Is(err, want) || !strings.Contains(err.Error(), string(op)+" region us-east") {
			t.Errorf("%s before Up: %v", op, err)
		}
	}
	e.add(t, "ours", demoNode, demoCluster, time.Now())
	f.clusters[0].id = "ours"
	f.clusters[0].id = "removed"
	if _, err := f.Do(ctx, "us-east", fleet.OpRestore); !errors.Is(err, host.ErrNoContainer) || !strings.Contains(err.Error(), "bring the fleet up again") {
		t.Errorf("restore of a node that somebody removed: %v", err)
	}
	f.clusters[0].id = "ours"
	for _, op := range []fleet.Op{fleet.OpKill, fleet.OpFreeze} {
		if _, err := f.Do(ctx, "us-east", op); !errors.Is(err, fleet.ErrDown) {
			t.Errorf("%s of a dead node: %v", op, err)
		}
	}
	if f.clusters[0].faulted() != "" {
		t.Errorf("a fault that was refused is noted: %s", f.clusters[0].faulted())
	}
	if got, err := f.Address(ctx, "us-east"); err != nil || got != "127.0.0.1:1" {
		t.Errorf("address %q, %v", got, err)
	}
}

func TestCan(t *testing.T) {
	tests := []struct {
		name   string
		engine *host.Runtime
		op     fleet.Op
		want   string // in the error; "" is none
	}{
		{"before the engine is known", nil, fleet.OpFreeze, ""},
		{"docker", &host.Runtime{Name: "docker", CgroupV1: true}, fleet.OpFreeze, ""},
		{"rootless, cgroup v2", &host.Runtime{Name: "podman", Rootless: true}, fleet.OpFreeze, ""},
		{"rootless, cgroup v1", &host.Runtime{Name: "podman", Rootless: true, CgroupV1: true}, fleet.OpFreeze, "partition the region from all others instead"},
		{"rootless, cgroup v1, another op", &host.Runtime{Name: "podman", Rootless: true, CgroupV1: true}, fleet.OpKill, ""},
		{"no such op", nil, "melt", "not an op"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := demo(t, newFakeEngine(t))
			f.engine = tt.engine
			err := f.Can(tt.op)
			if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, fleet.ErrCannot) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if _, did := f.Do(t.Context(), "us-east", tt.op); err != nil && !errors.Is(did, fleet.ErrCannot) {
				t.Errorf("Do of what can't be done: %v", did)
			}
		})
	}
}

// A command that waits for the one before it on its cluster is given up with its context.
func TestACommandWaitsNoLongerThanItsContext(t *testing.T) {
	f := demo(t, newFakeEngine(t))
	c, err := f.clusterOf("us-east")
	if err != nil {
		t.Fatal(err)
	}
	c.setContainer("id-1")
	if err := c.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer c.release()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the drill is over"))
	if _, err := f.Do(ctx, "us-east", fleet.OpKill); err == nil || !strings.Contains(err.Error(), "the drill is over") {
		t.Errorf("%v, want the context's cause", err)
	}
}
