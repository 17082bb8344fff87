package process

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestMain is an agent where a region under test starts one for a zone.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Word {
		if err := Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// until waits for a condition of a region's zones.
func until(t *testing.T, c *wire.Client, what string, holds func([]wire.ZoneProcess) bool) []wire.ZoneProcess {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		all, err := wire.Zones(ctx, c)
		if err == nil && holds(all) {
			return all
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %+v, %v", what, all, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// A region goes on without one of its zones, and without the one that has its store, except for the store; and what was
// killed comes back when it is told to.
func TestARegionOutlivesAZone(t *testing.T) {
	t.Setenv(TokenVariable, "a-fleet-secret")
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, announced := io.Pipe()
	args := []string{
		Word, "--region", "us-east", "--data", filepath.Join(dir, "data"), "--web-replicas", "4",
		"--zones", "us-east-a,us-east-b,us-east-c", "--store-zone", "us-east-a", "--log", filepath.Join(dir, "log"),
	}
	ended := make(chan error, 1)
	go func() {
		err := Run(ctx, args, strings.NewReader(""), announced, io.Discard)
		_ = announced.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v; ended with %v", err, <-ended)
	}
	var a wire.Announcement
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	c := wire.NewClient(wire.ClientConfig{Base: "http://" + a.Addr, Region: "us-east", Token: "a-fleet-secret"})
	all := until(t, c, "all zones up", func(all []wire.ZoneProcess) bool {
		return len(all) == 5 && !slices.ContainsFunc(all, func(p wire.ZoneProcess) bool { return !p.Up })
	})
	at := func(name string) int {
		return slices.IndexFunc(all, func(p wire.ZoneProcess) bool { return p.Name == name })
	}
	if all[at("us-east-a-web-1")].Zone != "us-east-a" || all[at("us-east-a-web-2")].Zone != "us-east-a" || !all[at("us-east-a-store")].Store {
		t.Fatalf("four replicas over three zones, the store in a: %+v", all)
	}
	d := topology.Dataset{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "us-east", Regions: []string{"us-east"}}
	if _, err := c.PutTopology(t.Context(), wire.Topology{Version: 1, Region: "us-east", Datasets: []wire.Placement{{Dataset: d, Authority: "us-east", Epoch: 1}}}); err != nil {
		t.Fatal(err)
	}
	st, err := c.Promote(t.Context(), "orders", 1)
	if err == nil {
		_, err = c.Grant(t.Context(), "orders", 1, st.Clock, time.Hour)
	}
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	write := func(id string) error {
		got, err := c.Write(t.Context(), "orders", store.Write{ID: id, Payload: []byte("x")})
		served[got.Replica] = true
		return err
	}
	for i := range 8 {
		if err := write(fmt.Sprintf("before-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(served) != 4 {
		t.Errorf("served by %v, want four replicas", served)
	}

	gone := func(name string, all []wire.ZoneProcess) bool { return all[at(name)].PID == 0 }
	if err := syscall.Kill(all[at("us-east-b-web-1")].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, c, "zone b gone", func(all []wire.ZoneProcess) bool { return gone("us-east-b-web-1", all) })
	clear(served)
	for i := range 8 {
		if err := write(fmt.Sprintf("without-b-%d", i)); err != nil {
			t.Errorf("with a zone gone: %v", err)
		}
	}
	if len(served) != 3 || served["us-east-b-web-1"] {
		t.Errorf("served by %v", served)
	}

	// A zone that hangs gets no requests after its checks, and again after it goes on.
	if err := syscall.Kill(all[at("us-east-c-web-1")].PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	until(t, c, "zone c out", func(all []wire.ZoneProcess) bool { return !all[at("us-east-c-web-1")].Up })
	if err := write("without-c"); err != nil {
		t.Errorf("with a zone that hangs: %v", err)
	}
	if err := syscall.Kill(all[at("us-east-c-web-1")].PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	until(t, c, "zone c back", func(all []wire.ZoneProcess) bool { return all[at("us-east-c-web-1")].Up })

	if err := syscall.Kill(all[at("us-east-a-store")].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, c, "the store gone", func(all []wire.ZoneProcess) bool { return gone("us-east-a-store", all) })
	if _, err := c.Health(t.Context()); err != nil {
		t.Errorf("the web tier serves without the store's zone: %v", err)
	}
	if err := write("without-store"); err == nil {
		t.Error("a write was acknowledged without a store")
	}
	for _, name := range []string{"us-east-b-web-1", "us-east-a-store"} {
		if _, err := wire.BeginZone(t.Context(), c, name); err != nil {
			t.Fatal(err)
		}
	}
	until(t, c, "all back", func(all []wire.ZoneProcess) bool {
		return !slices.ContainsFunc(all, func(p wire.ZoneProcess) bool { return !p.Up })
	})
	if st, err = c.StoreStatus(t.Context(), "orders"); err == nil {
		t.Errorf("a store that started anew answers before its topology: %+v", st)
	}
	if st, err := c.Status(t.Context()); err != nil || st.Topology != 0 {
		t.Errorf("a store that started anew holds topology %d, %v", st.Topology, err)
	}
	if _, err := wire.BeginZone(t.Context(), c, "us-east-z"); err == nil {
		t.Error("began what is no zone")
	}
	last, _ := wire.Zones(t.Context(), c)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	for _, p := range last {
		if err := syscall.Kill(p.PID, 0); err == nil {
			t.Errorf("%s outlived its region", p.Name)
		}
	}
}
