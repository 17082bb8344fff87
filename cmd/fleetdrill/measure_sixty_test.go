package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// sixtyRegions is a fleet file of sixty regions, each with a replica of one dataset.
func sixtyRegions() string {
	var names, regions, links, rtts []string
	for i := range 60 {
		name := fmt.Sprintf("r%02d", i)
		for j, other := range names {
			links = append(links, fmt.Sprintf("  - {between: [%s, %s], rtt: %dms, jitter: 1ms, bandwidth: 200Mbps}\n", other, name, 10+2*(i-j)))
		}
		names, regions = append(names, name), append(regions, "  - {name: "+name+", jurisdiction: EARTH}\n")
		rtts = append(rtts, fmt.Sprintf("%s: %dms", name, 10+i))
	}
	return "name: sixty\nregions:\n" + strings.Join(regions, "") + "links:\n" + strings.Join(links, "") +
		"users:\n  - {name: people, count: 3000, rate: 300/s, writes: 25%, rtt: {" + strings.Join(rtts, ", ") + "}}\n" +
		"datasets:\n  - {name: orders, engine: log, mode: async, authority: r00, regions: [" + strings.Join(names, ", ") + "]}\n" +
		"routing: {policy: nearest, probe: {every: 1s, timeout: 1s, down_after: 3, up_after: 2}}\n"
}

const sixtyDrill = `title: Sixty regions are steady
fleet: sixty.fleet.yaml
steady: {for: 5s, success: 99%}
steps:
  - {at: 1s, do: note, text: measuring}
end: 20s
`

// TestMeasureSixtyRegions prints what a region of sixty takes while all of them are steady, and
// fails where they are not.
func TestMeasureSixtyRegions(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for half a minute (make bench)")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"sixty.fleet.yaml": sixtyRegions(), "sixty.drill.yaml": sixtyDrill} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "sixty.jsonl")
	var out bytes.Buffer
	cmd := exec.Command(program, "run", filepath.Join(dir, "sixty.drill.yaml"), "--on", "local", "--journal", path)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var rss, pss []float64
	for measured := false; !measured; time.Sleep(time.Second) {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was measured: %v\n%s", err, out.String())
		default:
		}
		// Ten seconds into the drill, which journals go by.
		if l, err := journal.Load(path); err == nil {
			s := drill.NewState()
			for _, e := range l.Events {
				s.Apply(e)
			}
			measured = s.SteadyEnd != nil && s.Now > *s.SteadyEnd+10*time.Second
		}
	}
	rss, pss = regionMemory(t, childOf(cmd.Process.Pid))
	err := <-ended
	if len(rss) != 60 || err != nil {
		t.Fatalf("%d regions, %v:\n%s", len(rss), err, out.String())
	}
	t.Logf("region of sixty           RSS %.1f MB, PSS %.1f MB (medians of %d)", median(rss), median(pss), len(rss))
}
