package localfleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

func TestUp(t *testing.T) {
	l := upLab(t, "")
	file, err := record.Open(l.state, "three")
	if err != nil {
		t.Fatal(err)
	}
	known := file.Get()
	if known.On != On || known.Token != l.Token() || !record.Alive(known.Owner) || known.Owner.PID != os.Getpid() {
		t.Errorf("record: %+v", known)
	}
	if len(known.Processes) != 3 {
		t.Errorf("recorded processes: %+v", known.Processes)
	}
	for _, p := range known.Processes {
		if p.PID != l.pid(p.Region) || !record.Alive(p) {
			t.Errorf("region %s is process %d, on record %+v", p.Region, l.pid(p.Region), p)
		}
	}
	for _, region := range []string{"a", "b", "c"} {
		if !l.serves(region) {
			t.Errorf("%s does not serve", region)
		}
		l.awaitSeen(region, "up", func(s drill.RegionSeen) bool {
			return s.NodeReady && s.WebReady == 2 && s.WebWanted == 2 && len(s.Pods) == 2 && s.Pods[1].Name == "web-2" &&
				s.Node == fmt.Sprintf("process %d", l.pid(region)) && !s.Unschedulable
		})
		stages := map[string]drill.StageStatus{}
		for _, b := range l.reported() {
			if s, ok := b.(drill.StageEntered); ok && s.Region == region {
				stages[fmt.Sprintf("%d/%d %s", s.Index, s.Of, s.Stage)] = s.Status
			}
		}
		if len(stages) != 2 || stages["0/2 start process"] != drill.StageDone || stages["1/2 wait for gateway"] != drill.StageDone {
			t.Errorf("stages of %s: %v", region, stages)
		}
		if lines := l.commands(region); len(lines) != 1 || strings.Contains(lines[0], l.Token()) || !strings.Contains(lines[0], "region --role all --region "+region) {
			t.Errorf("commands of %s: %q", region, lines)
		}
	}
	if l.Leave() {
		t.Error("a local fleet was left")
	}
	if h := l.Relays(); h.Listen != "127.0.0.1" || h.Advertise != "127.0.0.1" {
		t.Errorf("relays %+v", h)
	}
	if _, err := l.Address(context.Background(), "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("address of no region: %v", err)
	}
}

func TestUpAgainStartsWhatIsDown(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	a, c := l.pid("a"), l.pid("c")
	if _, err := l.Do(ctx, "b", fleet.OpKill); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Do(ctx, "c", fleet.OpCordon); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Do(ctx, "a", fleet.OpFreeze); err != nil {
		t.Fatal(err)
	}
	if err := l.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if !l.serves("a") || !l.serves("b") || l.serves("c") {
		t.Errorf("serving: a %t, b %t, c %t; c is cordoned", l.serves("a"), l.serves("b"), l.serves("c"))
	}
	if l.pid("a") != a || l.pid("c") != c || l.starts("b") != 2 {
		t.Error("a region that ran was started anew, or one that did not was not")
	}
}

func TestKillAndRestore(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	pid := l.pid("b")
	address, err := l.Address(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	proof, err := l.Do(ctx, "b", fleet.OpKill)
	took := time.Since(began)
	if text := proved(t, proof, err); text != fmt.Sprintf("process %d killed by signal 9, port refuses", pid) {
		t.Errorf("proof %q", text)
	}
	t.Logf("killed and proved in %s", took)
	if !refused(address) {
		t.Error("the port does not refuse")
	}
	if _, err := l.Address(ctx, "b"); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("address of the dead: %v", err)
	}
	l.awaitSeen("b", "killed", func(s drill.RegionSeen) bool { return !s.NodeReady && s.WebReady == 0 && s.WebWanted == 2 })
	for _, again := range []fleet.Op{fleet.OpKill, fleet.OpFreeze, fleet.OpCordon} {
		_, err := l.Do(ctx, "b", again)
		if !errors.Is(err, fleet.ErrDown) || !strings.Contains(err.Error(), string(again)+" region b") || !strings.Contains(err.Error(), "killed by signal 9") {
			t.Errorf("%s of the dead: %v", again, err)
		}
	}
	proof, err = l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.HasPrefix(text, fmt.Sprintf("process %d started, web-1 of b answers, started ", l.pid("b"))) {
		t.Errorf("proof %q", text)
	}
	if l.pid("b") == pid || !l.serves("b") || l.starts("b") != 2 {
		t.Errorf("not started again on its data: %d starts", l.starts("b"))
	}
	l.awaitSeen("b", "restored", func(s drill.RegionSeen) bool {
		return s.NodeReady && s.WebReady == 2 && s.Node == fmt.Sprintf("process %d", l.pid("b"))
	})
	lines := l.commands("b")
	if len(lines) != 3 || lines[1] != fmt.Sprintf("kill -KILL %d", pid) || !strings.Contains(lines[2], " region ") {
		t.Errorf("commands %q", lines)
	}
	for _, b := range l.reported() {
		if failed, ok := b.(drill.TaskFailed); ok {
			t.Errorf("a kill that was asked for is reported as %+v", failed)
		}
	}
	file, err := record.Open(l.state, "three")
	if err != nil {
		t.Fatal(err)
	}
	known := file.Get()
	if i := slices.IndexFunc(known.Processes, func(p record.Process) bool { return p.Region == "b" }); len(known.Processes) != 3 || i < 0 || known.Processes[i].PID != l.pid("b") {
		t.Errorf("on record %+v", known.Processes)
	}
}

func TestFreezeAndRestore(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	pid := l.pid("b")
	before, err := l.Address(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	l.awaitSeen("b", "up", func(s drill.RegionSeen) bool { return s.WebReady == 2 }) // so that its replicas are known
	began := time.Now()
	proof, err := l.Do(ctx, "b", fleet.OpFreeze)
	took := time.Since(began)
	if text := proved(t, proof, err); text != fmt.Sprintf("process %d stopped (state T), probe silent for 100 ms", pid) {
		t.Errorf("proof %q", text)
	}
	t.Logf("frozen and proved in %s", took)
	if stopped, err := below.Stopped(ctx, pid); !stopped || err != nil {
		t.Errorf("stopped: %t, %v", stopped, err)
	}
	if frozen, err := l.Address(ctx, "b"); err != nil || frozen != before {
		t.Errorf("a frozen region listens on %q, %v; before on %q", frozen, err, before)
	}
	conn, err := net.DialTimeout("tcp", before, time.Second)
	if err != nil {
		t.Errorf("a frozen region must let connections hang, not refuse: %v", err)
	} else {
		conn.Close()
	}
	l.awaitSeen("b", "frozen", func(s drill.RegionSeen) bool {
		return !s.NodeReady && s.WebReady == 0 && len(s.Pods) == 2 && !s.Pods[0].Ready && s.Pods[0].Phase == "Stopped"
	})
	if _, err := l.Do(ctx, "b", fleet.OpCordon); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("cordon of the frozen: %v", err)
	}
	proof, err = l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.HasPrefix(text, fmt.Sprintf("process %d continued, web-1 of b answers", pid)) {
		t.Errorf("proof %q", text)
	}
	if l.pid("b") != pid || l.starts("b") != 1 {
		t.Error("it was started anew")
	}
	l.awaitSeen("b", "thawed", func(s drill.RegionSeen) bool { return s.NodeReady && s.WebReady == 2 })
	want := []string{fmt.Sprintf("kill -STOP %d", pid), fmt.Sprintf("kill -CONT %d", pid)}
	if lines := l.commands("b"); !slices.Equal(lines[1:], want) {
		t.Errorf("commands %q", lines)
	}
}

func TestKillOfAFrozenRegion(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	if _, err := l.Do(ctx, "a", fleet.OpFreeze); err != nil {
		t.Fatal(err)
	}
	proof, err := l.Do(ctx, "a", fleet.OpKill)
	if text := proved(t, proof, err); !strings.HasSuffix(text, "killed by signal 9, port refuses") {
		t.Errorf("proof %q", text)
	}
	proof, err = l.Do(ctx, "a", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.Contains(text, "started, web-1 of a answers") {
		t.Errorf("proof %q", text)
	}
}

func TestRestoreOfARegionThatRuns(t *testing.T) {
	l := upLab(t, "")
	pid := l.pid("a")
	proof, err := l.Do(context.Background(), "a", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.HasPrefix(text, fmt.Sprintf("process %d runs, web-1 of a answers", pid)) || l.pid("a") != pid {
		t.Errorf("proof %q", text)
	}
}

func TestCordonAndUncordon(t *testing.T) {
	l := upLab(t, "c=stubborn")
	ctx := context.Background()
	tests := []struct{ region, end, commands string }{
		{"b", "exited 0", "kill -TERM %[1]d"},
		{"c", "killed by signal 9", "kill -TERM %[1]d\nkill -KILL %[1]d"},
	}
	for _, tt := range tests {
		t.Run(tt.region, func(t *testing.T) {
			pid := l.pid(tt.region)
			proof, err := l.Do(ctx, tt.region, fleet.OpCordon)
			if text := proved(t, proof, err); text != fmt.Sprintf("process %d %s; record says unschedulable", pid, tt.end) {
				t.Errorf("proof %q", text)
			}
			if lines := strings.Join(l.commands(tt.region)[1:], "\n"); lines != fmt.Sprintf(tt.commands, pid) {
				t.Errorf("commands %q", lines)
			}
			file, err := record.Open(l.state, "three")
			if err != nil {
				t.Fatal(err)
			}
			if known := file.Get(); !known.IsCordoned(tt.region) {
				t.Errorf("not on record: %v", known.Cordoned)
			}
			l.awaitSeen(tt.region, "cordoned", func(s drill.RegionSeen) bool { return s.Unschedulable && !s.NodeReady && s.WebReady == 0 })
			if _, err := l.Do(ctx, tt.region, fleet.OpRestore); !errors.Is(err, fleet.ErrDown) || !strings.Contains(err.Error(), "uncordon it") {
				t.Errorf("restore of the cordoned: %v", err)
			}
			if _, err := l.Do(ctx, tt.region, fleet.OpKill); !errors.Is(err, fleet.ErrDown) || !strings.Contains(err.Error(), "cordoned") {
				t.Errorf("kill of the cordoned: %v", err)
			}
			proof, err = l.Do(ctx, tt.region, fleet.OpUncordon)
			if text := proved(t, proof, err); !strings.HasPrefix(text, fmt.Sprintf("record says schedulable; process %d started, web-1 of %s answers", l.pid(tt.region), tt.region)) {
				t.Errorf("proof %q", text)
			}
			l.awaitSeen(tt.region, "uncordoned", func(s drill.RegionSeen) bool { return !s.Unschedulable && s.NodeReady && s.WebReady == 2 })
			if l.starts(tt.region) != 2 {
				t.Errorf("%d starts", l.starts(tt.region))
			}
		})
	}
	for _, b := range l.reported() {
		if failed, ok := b.(drill.TaskFailed); ok {
			t.Errorf("an end that was asked for is reported as %+v", failed)
		}
	}
}

func TestARegionThatSomebodyElseKilled(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	pid := l.pid("b")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	l.awaitSeen("b", "died", func(s drill.RegionSeen) bool {
		return !s.NodeReady && s.WebReady == 0 && s.Node == fmt.Sprintf("process %d", pid)
	})
	if !soon(func() bool {
		return slices.ContainsFunc(l.reported(), func(b drill.Body) bool {
			failed, ok := b.(drill.TaskFailed)
			return ok && failed.Task == "region b" && strings.Contains(failed.Error, fmt.Sprintf("process %d killed by signal 9", pid)) && strings.Contains(failed.Next, "restore")
		})
	}) {
		t.Errorf("nobody was told: %+v", l.reported())
	}
	if _, err := l.Do(ctx, "b", fleet.OpKill); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("a kill was proved of a region that was dead: %v", err)
	}
	proof, err := l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.Contains(text, "started, web-1 of b answers") {
		t.Errorf("proof %q", text)
	}
}

func TestARegionThatSomebodyElseStopped(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	pid := l.pid("b")
	l.awaitSeen("b", "whole", func(s drill.RegionSeen) bool { return s.WebReady == 2 }) // before it listens it looks stopped
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	l.awaitSeen("b", "stopped", func(s drill.RegionSeen) bool { return !s.NodeReady && s.WebReady == 0 })
	proof, err := l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.HasPrefix(text, fmt.Sprintf("process %d continued", pid)) {
		t.Errorf("proof %q", text)
	}
}

// A restore that comes before the stop has taken effect continues the region all the same.
func TestARegionThatStopsWhileItIsRestored(t *testing.T) {
	l := upLab(t, "")
	pid := l.pid("b")
	for range 20 {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if proof, err := l.Do(context.Background(), "b", fleet.OpRestore); err != nil {
			t.Fatalf("%v (%v)", err, proof)
		}
	}
}

func TestWebReadyIsMeasured(t *testing.T) {
	limps := filepath.Join(t.TempDir(), "limps")
	l := upLab(t, "b=limps:"+limps)
	l.awaitSeen("b", "whole", func(s drill.RegionSeen) bool { return s.WebReady == 2 })
	if err := os.WriteFile(limps, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.awaitSeen("b", "half", func(s drill.RegionSeen) bool {
		return s.WebReady == 1 && s.NodeReady && len(s.Pods) == 2 && s.Pods[0].Ready && !s.Pods[1].Ready
	})
	if err := os.Remove(limps); err != nil {
		t.Fatal(err)
	}
	l.awaitSeen("b", "whole again", func(s drill.RegionSeen) bool { return s.WebReady == 2 })
}

func TestGivenPortsAreKept(t *testing.T) {
	// A port that was free a moment ago; whoever takes it in between fails the test loudly.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	port := listener.Addr().(*net.TCPAddr).Port
	l := newLab(t, "", func(c *Config) { c.Ports = map[string]int{"a": port} })
	err = l.Up(context.Background())
	if err == nil || !strings.Contains(err.Error(), "region a") || !strings.Contains(err.Error(), "address already in use") || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("with the port taken: %v", err)
	}
	listener.Close()
	if err := l.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := l.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := l.Address(context.Background(), "a"); got != address {
			t.Errorf("listens on %q, %v; wanted %s", got, err, address)
		}
		if _, err := l.Do(context.Background(), "a", fleet.OpKill); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Do(context.Background(), "a", fleet.OpRestore); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCommandsFromManyGoroutines(t *testing.T) {
	l := upLab(t, "")
	ctx := context.Background()
	var wg sync.WaitGroup
	for _, region := range []string{"a", "b", "c"} {
		for _, fault := range []fleet.Op{fleet.OpKill, fleet.OpFreeze} {
			wg.Go(func() {
				for range 3 {
					if _, err := l.Do(ctx, region, fault); err != nil && !errors.Is(err, fleet.ErrDown) {
						t.Error(err)
					}
					if _, err := l.Do(ctx, region, fleet.OpRestore); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for _, region := range []string{"a", "b", "c"} {
		if _, err := l.Do(ctx, region, fleet.OpRestore); err != nil {
			t.Error(err)
		}
		if !l.serves(region) {
			t.Errorf("%s does not serve", region)
		}
	}
}
