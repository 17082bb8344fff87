package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// replicaVariable has the test binary be a web replica: of that name, and the URL of its gateway.
const replicaVariable = "AGENT_TEST_REPLICA"

func TestMain(m *testing.M) {
	if name, gateway, is := strings.Cut(os.Getenv(replicaVariable), " "); is {
		a, err := Start(Config{Region: "us-east", Role: RoleWeb, Token: testToken, Listen: "127.0.0.1:0", Run: name, Replica: name, Gateway: gateway})
		if err != nil {
			panic(err)
		}
		_ = json.NewEncoder(os.Stdout).Encode(wire.Announcement{Region: "us-east", Addr: a.Addr(), PID: os.Getpid()})
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the region
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// replicaCommand starts a web replica as a process.
func replicaCommand(s zone.Spec, gateway string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), replicaVariable+"="+s.Name+" "+gateway)
	return cmd
}

// Replicas are started and stopped while the region runs; without one it refuses users and probes, and serves all else.
func TestTheWebTierIsScaled(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Process = replicaCommand }, "us-east", "eu-west")
	l.lead("us-east", 1)
	us := l.regions["us-east"].client
	served := func(n int) map[string]bool {
		t.Helper()
		by := map[string]bool{}
		for i := range 2 * n {
			got, err := l.write("us-east", fmt.Sprintf("w-%d-%d", n, i))
			if err != nil {
				t.Fatal(err)
			}
			by[got.Replica] = true
		}
		return by
	}
	came := 2
	for _, n := range []int{3, 1, 4} {
		listed, err := wire.ScaleWeb(t.Context(), us, n)
		if err != nil || len(listed) != n {
			t.Fatalf("scaled to %d: %v, %v", n, listed, err)
		}
		if by := served(n); len(by) != n || !by["web-1"] {
			t.Errorf("of %d replicas %v served", n, by)
		}
		// Two began with the region, in its process.
		if started, err := wire.Zones(t.Context(), us); err != nil || len(started) != max(0, n-came) {
			t.Errorf("%d replicas, of which processes: %+v, %v", n, started, err)
		}
		came = min(came, n)
	}
	if listed, err := wire.ScaleWeb(t.Context(), us, 0); err != nil || len(listed) != 0 {
		t.Fatalf("scaled to none: %v, %v", listed, err)
	}
	if _, err := l.write("us-east", "refused"); !errors.Is(err, wire.ErrNoWeb) || status(t, err) != http.StatusServiceUnavailable {
		t.Errorf("a user's write: %v", err)
	}
	if _, err := us.Health(t.Context()); !errors.Is(err, wire.ErrNoWeb) {
		t.Errorf("a probe: %v", err)
	}
	if live, err := wire.Live(t.Context(), us); err != nil || live.Replica != "gateway" {
		t.Errorf("its gateway: %+v, %v", live, err)
	}
	if _, err := us.Status(t.Context()); err != nil {
		t.Errorf("the controller's question: %v", err)
	}
	if got, err := l.write("eu-west", "by-another-region"); err != nil || got.Authority != "us-east" {
		t.Errorf("a write of another region's user: %+v, %v", got, err)
	}
	if _, err := us.Append(t.Context(), orders, 1, store.Write{ID: "direct"}); err != nil {
		t.Errorf("its store: %v", err)
	}
	for _, n := range []int{-1, 65} {
		if _, err := wire.ScaleWeb(t.Context(), us, n); !errors.Is(err, wire.ErrBad) {
			t.Errorf("scaled to %d: %v", n, err)
		}
	}
	stranger := l.regions["us-east"].as("us-east", "not the token")
	if _, err := wire.ScaleWeb(t.Context(), stranger, 2); !errors.Is(err, wire.ErrUnauthorized) {
		t.Errorf("a stranger: %v", err)
	}
}

// A scaling of which a replica does not start leaves the region as it was: with those that it had, and no other process. One
// that ended by itself is begun again by the next.
func TestAScalingIsWholeOrNone(t *testing.T) {
	broken := ""
	l := newLab(t, func(c *Config) {
		c.Process = func(s zone.Spec, gateway string) *exec.Cmd {
			if s.Name == broken {
				return exec.Command("false")
			}
			return replicaCommand(s, gateway)
		}
	}, "us-east")
	us := l.regions["us-east"].client
	if _, err := wire.ScaleWeb(t.Context(), us, 3); err != nil {
		t.Fatal(err)
	}
	broken = "web-5"
	if _, err := wire.ScaleWeb(t.Context(), us, 6); err == nil || !strings.Contains(err.Error(), "web-5") {
		t.Errorf("scaled with a replica that does not start: %v", err)
	}
	listed, err := us.Web(t.Context())
	started, failed := wire.Zones(t.Context(), us)
	if len(listed) != 3 || len(started) != 1 || started[0].Name != "web-3" || err != nil || failed != nil {
		t.Errorf("left %v and processes %+v, %v, %v", listed, started, err, failed)
	}
	if err := syscall.Kill(started[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for started[0].PID != 0 { // its end has come to its parent
		if started, err = wire.Zones(t.Context(), us); err != nil {
			t.Fatal(err)
		}
	}
	if listed, err := wire.ScaleWeb(t.Context(), us, 4); err != nil || len(listed) != 4 {
		t.Errorf("with one that had ended: %v, %v", listed, err)
	}
}
