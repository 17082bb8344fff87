package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// cpuFleet is the three regions that ship, with a rate for each population and room for it.
const cpuFleet = `name: three-regions-at-a-rate
regions:
  - {name: us-east, place: Virginia, jurisdiction: US}
  - {name: eu-west, place: Ireland, jurisdiction: EU}
  - {name: ap-south, place: Mumbai, jurisdiction: IN}
links:
  - {between: [us-east, eu-west], rtt: 80ms, jitter: 2ms, bandwidth: 200Mbps}
  - {between: [us-east, ap-south], rtt: 220ms, jitter: 4ms, bandwidth: 200Mbps}
  - {between: [eu-west, ap-south], rtt: 140ms, jitter: 3ms, bandwidth: 200Mbps}
users:
  - {name: americas, count: 5000, rate: %[1]d/s, writes: 25%%, rtt: {us-east: 30ms, eu-west: 95ms, ap-south: 230ms}}
  - {name: europe, count: 3000, rate: %[1]d/s, writes: 25%%, rtt: {us-east: 90ms, eu-west: 12ms, ap-south: 150ms}}
  - {name: asia, count: 1000, rate: %[1]d/s, writes: 25%%, rtt: {us-east: 240ms, eu-west: 155ms, ap-south: 18ms}}
datasets:
  - {name: orders, engine: log, mode: async, authority: us-east, regions: [us-east, eu-west, ap-south]}
routing: {policy: nearest, dns_ttl: 2s, probe: {every: 250ms, timeout: 500ms, down_after: 3, up_after: 4}}
failover: {decide: auto, fence: true}
web: {replicas: 2, capacity: 4000/s}
`

const cpuDrill = `title: A steady load to measure processor time under
fleet: cpu-fleet.yaml
steady: {for: 3s, success: 90%}
steps:
  - {at: 1s, do: note, text: measuring}
end: 60s
`

// cpuWindow is how long processor time is counted, once requests flow and connections are there.
const (
	cpuWarmUp = 8 * time.Second
	cpuWindow = 20 * time.Second
)

// TestMeasureProcessorTime prints what a request costs in processor time, user and system, of fleetdrill and all its
// agents, at two rates, and what follows from the two: the cost that does not depend on the rate, and a request's own.
func TestMeasureProcessorTime(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for a minute (make bench)")
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("SKIPPED: no /proc/PID/stat here")
	}
	var rates, cores []float64
	for _, rate := range []int{300, 1200} {
		m := measureCPU(t, rate)
		t.Logf("%5d/s asked, %6.1f/s ended: %.2f ms a request (fleetdrill %.2f, its agents %.2f), %.2f cores; p99 %s, %d failed, %d not sent",
			rate, m.perSecond, 1000*(m.own+m.agents)/m.perSecond, 1000*m.own/m.perSecond, 1000*m.agents/m.perSecond, m.own+m.agents, m.p99, m.failed, m.notSent)
		rates, cores = append(rates, m.perSecond), append(cores, m.own+m.agents)
	}
	request := (cores[1] - cores[0]) / (rates[1] - rates[0])
	t.Logf("of it whatever the rate %.2f cores, a request's own %.2f ms", cores[0]-request*rates[0], 1000*request)
}

// cpuMeasured is what was used in a second, in cores, and how many requests ended in it.
type cpuMeasured struct {
	own, agents, perSecond float64
	p99                    time.Duration // the longest of a population
	failed, notSent        int           // on a busy machine
}

func measureCPU(t *testing.T, rate int) cpuMeasured {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"cpu-fleet.yaml": fmt.Sprintf(cpuFleet, rate/3), "cpu.yaml": cpuDrill} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	path := filepath.Join(dir, "j.jsonl")
	cmd := exec.Command(program, "run", filepath.Join(dir, "cpu.yaml"), "--on", "local", "--journal", path)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(cpuWarmUp)
	own, agents := processorTime(t, cmd.Process.Pid)
	from := time.Now()
	time.Sleep(cpuWindow)
	ownThen, agentsThen := processorTime(t, cmd.Process.Pid)
	to := time.Now()
	_ = cmd.Process.Signal(syscall.SIGINT)
	_ = cmd.Wait() // an interrupted drill has not passed
	loaded, err := journal.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	m := cpuMeasured{own: (ownThen - own) / to.Sub(from).Seconds(), agents: (agentsThen - agents) / to.Sub(from).Seconds()}
	ended, window := 0, time.Duration(0)
	for _, e := range loaded.Events {
		sample, ok := e.Body.(drill.TrafficSampled)
		if !ok || e.At.Before(from) || e.At.After(to) {
			continue
		}
		window += sample.Window
		for _, p := range sample.Populations {
			ended += p.Requests
			m.failed, m.notSent = m.failed+p.Failed, m.notSent+p.NotSent
			if p.P99 != nil {
				m.p99 = max(m.p99, *p.P99)
			}
		}
	}
	if ended == 0 {
		t.Fatalf("no requests:\n%s", out.String())
	}
	m.perSecond = float64(ended) / window.Seconds()
	return m
}

// clockTicks is the unit of times in /proc/PID/stat: USER_HZ, a hundredth of a second on every Linux of today.
const clockTicks = 100

// processorTime is what a process has used, and its children have, in seconds.
func processorTime(t *testing.T, pid int) (own, children float64) {
	t.Helper()
	for _, stat := range processes(t) {
		if len(stat.fields) < 13 { // utime and stime are the 14th and 15th field of proc(5)
			continue
		}
		user, _ := strconv.ParseFloat(stat.fields[11], 64)
		system, _ := strconv.ParseFloat(stat.fields[12], 64)
		switch strconv.Itoa(pid) {
		case filepath.Base(stat.dir):
			own += (user + system) / clockTicks
		case stat.fields[1]:
			children += (user + system) / clockTicks
		}
	}
	return own, children
}
