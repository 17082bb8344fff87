package kindfleet

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Two regions in one cluster are one failure domain: what takes one takes both, and
// leaves a third that is apart. A cordon takes one alone.
func TestKindDomain(t *testing.T) {
	e := needKind(t)
	before := worldOf(t, e)
	ctx := t.Context()
	ev := &events{t: t, began: time.Now()}
	spec := topology.Fleet{Name: "ktd", Web: topology.Web{Replicas: 1}, Regions: []topology.Region{
		{Name: "east-a", Cluster: "east"}, {Name: "east-b", Cluster: "east"}, {Name: "west"},
	}}
	f, err := New(Config{
		Fleet: spec, StateDir: filepath.Join(t.TempDir(), "state"), AgentBinary: agentBinary(t, e), NodeImage: os.Getenv("FLEETDRILL_NODE_IMAGE"),
		Report: ev.report, Logger: slog.New(slog.DiscardHandler), ReadyWithin: 10 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := f.Up(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("MEASURED up, three regions in two clusters: %.1f s", time.Since(ev.began).Seconds())
	serve := func(want map[string]bool) {
		t.Helper()
		for region, up := range want {
			address, err := f.Address(ctx, region)
			if err != nil {
				t.Fatal(err)
			}
			bounded, cancel := context.WithTimeout(ctx, 2*time.Second)
			_, err = gateway.Probe(bounded, address, region)
			cancel()
			if (err == nil) != up {
				t.Errorf("%s serves: %v, want %t", region, err, up)
			}
		}
	}
	all := map[string]bool{"east-a": true, "east-b": true, "west": true}
	serve(all)
	do := func(region string, op fleet.Op, want ...string) {
		t.Helper()
		began := time.Now()
		proof, err := f.Do(ctx, region, op)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("MEASURED %s of %s: %.1f s: %s", op, region, time.Since(began).Seconds(), proof.Text)
		for _, w := range want {
			if !strings.Contains(proof.Text, w) {
				t.Errorf("proof of %s: %q lacks %q", op, proof.Text, w)
			}
		}
	}
	do("east-b", fleet.OpKill, "container exited 137, ports of east-a, east-b refuse")
	serve(map[string]bool{"east-a": false, "east-b": false, "west": true})
	do("east-b", fleet.OpRestore, "container started again, ", " of east-a answers", " of east-b answers")
	serve(all)
	do("east-a", fleet.OpFreeze, "container paused, probes of east-a, east-b silent for 300 ms")
	do("east-a", fleet.OpRestore, "container unpaused, ", " of east-a answers", " of east-b answers")
	do("east-a", fleet.OpCordon, "taint cordon.fleetdrill.local/east-a:NoSchedule, unschedulable=false, pods of east-a 0")
	serve(map[string]bool{"east-a": false, "east-b": true, "west": true})
	do("east-b", fleet.OpCordon, "unschedulable=true, pods of east-b 0")
	serve(map[string]bool{"east-a": false, "east-b": false, "west": true})
	do("east-b", fleet.OpUncordon, "no cordon taint of east-b, unschedulable=false")
	serve(map[string]bool{"east-a": false, "east-b": true, "west": true})
	do("east-a", fleet.OpUncordon, "no cordon taint of east-a")
	serve(all)
	if err := f.Down(ctx); err != nil {
		t.Fatal(err)
	}
	worldOf(t, e).sameAs(t, before)
}
