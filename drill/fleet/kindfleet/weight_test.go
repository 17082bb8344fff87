package kindfleet

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// weightScript stands in for an engine with one container, which it can start and weigh.
const weightScript = `dir=$(dirname "$0")
echo "$*" >> "$dir/calls"
case "$1" in
container) cat "$dir/node" ;;
update) [ ! -e "$dir/unweighed" ] || { echo "Error response from daemon: NanoCPUs can not be set, as your kernel does not support CPU cgroup" >&2; exit 1; }
  sed -i "s/\"CpuShares\": [0-9]*/\"CpuShares\": $3/" "$dir/node" ;;
start) sed -i 's/"Running": false/"Running": true/' "$dir/node" ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
`

func TestOwnShares(t *testing.T) {
	for seen, want := range map[int64]int64{1024: 1024, 512: 512, 4096: 4096, host.BootShares: 1024, 2: 1024} {
		if got := host.OwnShares(seen); got != want {
			t.Errorf("%d is seen: own %d, want %d", seen, got, want)
		}
	}
}

// A node that boots has a small weight from before its start until its region serves, and
// its own again whatever came of it.
func TestWeightOfANodeThatBoots(t *testing.T) {
	tests := []struct {
		name    string
		running bool
		shares  string // as the engine has it before
		refuses bool   // the engine can't weigh
		answers bool
		updates []string // --cpu-shares, in order; "start" between them
		after   int64
	}{
		{"restored", false, "0", false, true, []string{"32", "start", "1024"}, 1024},
		{"restored, with a weight of its own", false, "512", false, true, []string{"32", "start", "512"}, 512},
		{"never serves", false, "0", false, false, []string{"32", "start", "1024"}, 1024},
		{"left booting by a fleetdrill that was killed", true, "32", false, true, []string{"1024"}, 1024},
		{"left dead while it booted", false, "32", false, true, []string{"start", "1024"}, 1024},
		{"runs", true, "0", false, true, nil, 0},
		{"the engine can't", false, "0", true, true, []string{"32", "start"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			binary := script(t, weightScript)
			dir := filepath.Dir(binary)
			put := func(name, text string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			running := "false"
			if tt.running {
				running = "true"
			}
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if !tt.answers {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				w.Header().Set(wire.HeaderRegion, "us-east")
				_ = json.NewEncoder(w).Encode(wire.Health{Region: "us-east", Replica: "web-1", Started: time.Now()})
			}))
			defer gateway.Close()
			_, port, err := net.SplitHostPort(gateway.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			before := `[{"Id": "ours", "State": {"Running": ` + running + `}, "HostConfig": {"CpuShares": ` + tt.shares +
				`, "PortBindings": {"30080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "` + port + `"}]}}}]`
			if tt.refuses {
				put("unweighed", "")
			}
			c := oneCluster(t, node(false))
			c.setContainer("ours")
			var said atomic.Int32
			out := reporter{now: time.Now, to: func(b drill.Body) {
				if f, is := b.(drill.TaskFailed); is && strings.Contains(f.Task, "boot") && f.Next != "" {
					said.Add(1)
				}
			}}
			watches := newWatches(out, wanted.New(topology.Fleet{}))
			watches.stopAll() // no API server is there to watch
			e := &host.Runtime{Name: binary}
			o := execution{
				engine: e, out: out, watches: watches, weights: &weights{out: out}, region: "us-east",
				ready: readiness{engine: e, within: time.Second},
			}
			times := map[bool]int{true: 2, false: 1}[tt.refuses] // what can't be done is said once
			for range times {
				put("node", before)
				if _, err := o.restore(t.Context(), c); (err == nil) != tt.answers {
					t.Fatalf("restore: %v", err)
				}
			}
			calls, err := os.ReadFile(filepath.Join(dir, "calls"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range regexp.MustCompile(`(?m)^(?:update --cpu-shares (\d+) ours|(start) ours)$`).FindAllStringSubmatch(string(calls), -1) {
				got = append(got, m[1]+m[2])
			}
			got = got[:len(got)/times]
			if strings.Join(got, " ") != strings.Join(tt.updates, " ") {
				t.Errorf("sent %q, want %q, of\n%s", got, tt.updates, calls)
			}
			node, err := e.Inspect(t.Context(), "ours")
			if err != nil {
				t.Fatal(err)
			}
			if node.HostConfig.CPUShares != tt.after {
				t.Errorf("has %d in the end, want %d", node.HostConfig.CPUShares, tt.after)
			}
			if want := map[bool]int32{true: 1}[tt.refuses]; said.Load() != want {
				t.Errorf("said %d times that it can't be done, want %d", said.Load(), want)
			}
		})
	}
}

// Interrupted in a boot, the node gets its weight all the same.
func TestWeightAfterAnInterrupt(t *testing.T) {
	binary := script(t, weightScript)
	if err := os.WriteFile(filepath.Join(filepath.Dir(binary), "node"), []byte(`[{"HostConfig": {"CpuShares": 0}}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	e, c := &host.Runtime{Name: binary}, oneCluster(t)
	c.setContainer("ours")
	w := &weights{out: reporter{to: func(drill.Body) {}}}
	node, err := e.Inspect(t.Context(), "ours")
	if err != nil {
		t.Fatal(err)
	}
	w.seen(c, node)
	ctx, cancel := context.WithCancel(t.Context())
	w.lower(ctx, e, c)
	cancel()
	if node, _ = e.Inspect(t.Context(), "ours"); node.Shares() != host.BootShares {
		t.Errorf("boots with %d", node.Shares())
	}
	w.raise(ctx, e, c)
	if node, _ = e.Inspect(t.Context(), "ours"); node.Shares() != host.DefaultShares {
		t.Errorf("has %d after the interrupt", node.Shares())
	}
}
