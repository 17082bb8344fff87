package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// sampled is a journal's line with a sample of traffic.
func sampled(seq int, t string, population string) string {
	return fmt.Sprintf(`{"seq":%d,"at":"2026-11-22T09:30:00Z","t":%s,"kind":"traffic.sampled","body":{"window":500000000,"populations":[{"population":"near",%s}]}}`+"\n", seq, t, population)
}

const fine = `"requests":5,"ok":4,"failed":1,"asked_now":3,"hurt_now":1`

// TestImpossibleNumbersAreLeftOut: a number that nobody can have measured takes its event out, with its line and why, and no
// other one.
func TestImpossibleNumbersAreLeftOut(t *testing.T) {
	for _, tt := range []struct{ name, line, why string }{
		{"below zero", sampled(2, "5", `"requests":-5,"ok":4`), "requests is -5"},
		{"below zero, with a space", sampled(2, "5", `"requests": -5,"ok":4`), "requests is -5"},
		{"a time below zero", sampled(2, "-5", fine), "t is -5"},
		{"too large for a number", sampled(2, "5", `"requests":1e300`), "requests is 1e300"},
		{"too large for any count", sampled(2, "5", `"requests":9000000000000000000,"ok":4`), "requests is 9000000000000000000"},
		{"a time too large", sampled(2, "1e300", fine), "t is 1e300"},
		{"no number", sampled(2, "5", `"requests":NaN`), "a number is NaN"},
		{"without end", sampled(2, "5", `"requests":-Infinity`), "a number is -Infinity"},
		{"more than there were", sampled(2, "5", `"requests":5,"ok":4,"failed":2`), "requests that ended of near are 6 of 5"},
		{"more users than asked", sampled(2, "5", `"asked_now":3,"hurt_now":4`), "users affected now of near are 4 of 3"},
		{"more users than asked, of a command", sampled(2, "5", `"impacts":[{"command":1,"asked":3,"affected":4}]`), "users affected by a command of near are 4 of 3"},
		{"a share of more than all", `{"seq":2,"at":"2026-11-22T09:30:00Z","t":5,"kind":"steady.measured","body":{"when":"before","success":1.5}}` + "\n", "success is a share of 1.5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Read(strings.NewReader(sampled(1, "4", fine) + tt.line + sampled(3, "6", fine)))
			if err != nil || len(l.Events) != 3 || len(l.LeftOut) != 1 || l.Skipped != 0 {
				t.Fatalf("%v: %d events, left out %+v, %d skipped", err, len(l.Events), l.LeftOut, l.Skipped)
			}
			if out := l.LeftOut[0]; out.Line != 2 || !strings.HasSuffix(out.Why, tt.why) || !strings.Contains(tt.line, out.Kind) {
				t.Errorf("left out %+v, want line 2 for %q", out, tt.why)
			}
			for i, e := range l.Events {
				if _, is := e.Body.(drill.TrafficSampled); is != (i != 1) || e.Seq != uint64(i+1) || e.T < 4 || e.T > 6 {
					t.Errorf("event %d is %+v", i+1, e)
				}
			}
			if got := l.Remarks(); len(got) != 1 || !strings.HasPrefix(got[0], "1 of 3 lines was left out for numbers that can't have been measured: line 2 (") {
				t.Errorf("it says %q", got)
			}
		})
	}
	if _, err := Read(strings.NewReader(sampled(1, "-4", fine))); err == nil || !strings.Contains(err.Error(), "t is -4") {
		t.Errorf("of a journal that begins so: %v", err)
	}
}

// TestWhatBeganBeforeTheDrill: a fleet that is joined may have a store that has hung since before the clock began, which is no
// number below zero but a time.
func TestWhatBeganBeforeTheDrill(t *testing.T) {
	stalled := func(since string) string {
		return `{"seq":2,"at":"2026-11-22T09:30:00Z","t":5,"kind":"store.stalled","body":{"dataset":"orders","region":"a","role":"fenced","since":` + since + `,"why":"x"}}` + "\n"
	}
	l, err := Read(strings.NewReader(sampled(1, "4", fine) + stalled("-21698501338")))
	if err != nil || len(l.LeftOut) != 0 || l.Events[1].Body.(drill.StoreStalled).Since != -21698501338 {
		t.Errorf("%v: left out %+v of %+v", err, l.LeftOut, l.Events)
	}
	if l, err := Read(strings.NewReader(sampled(1, "4", fine) + stalled("-9000000000000000000"))); err != nil || len(l.LeftOut) != 1 {
		t.Errorf("three hundred years before: %v, left out %+v", err, l.LeftOut)
	}
}

// TestTimesGoOn: where a time goes backwards the fewest events are left out, so that one far ahead takes none with it.
func TestTimesGoOn(t *testing.T) {
	for _, tt := range []struct {
		times string
		want  string // the lines that are left out
	}{
		{"1 2 2 3", ""},
		{"1 9 2 3 4", "2"},
		{"5 6 1 7", "3"},
		{"1 2 3 3 0 1 2 4", "5 6 7"},
		{"5 1 2 3", "2 3 4"}, // the first says what the drill is
	} {
		var text strings.Builder
		for i, at := range strings.Fields(tt.times) {
			text.WriteString(sampled(i+1, at, fine))
		}
		l, err := Read(strings.NewReader(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		l.Remarks()
		var got []string
		for _, out := range l.LeftOut {
			got = append(got, fmt.Sprint(out.Line))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("of times %s lines %q are left out, want %q", tt.times, got, tt.want)
		}
		last := time.Duration(0)
		for _, e := range l.Events {
			if e.T < last {
				t.Errorf("times %s: %d still goes back", tt.times, e.Seq)
			}
			last = e.T
		}
	}
}

// TestNothingRealIsLeftOut: of the journals that there are, no event is, nor is a share that was added up to a bit more than
// all.
func TestNothingRealIsLeftOut(t *testing.T) {
	if why := shares(drill.ImpactPredicted{Impact: runbook.Impact{Users: map[string]float64{"near": 1.0000000000000056}}}); why != "" {
		t.Error(why)
	}
	paths, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		if l, err := Load(path); err != nil || len(l.Remarks()) > 0 {
			t.Errorf("%s: %v, %q", path, err, l.Remarks())
		}
	}
}

// TestARenamedKeyIsNoZero: an event of a newer journal that lacks what this program always writes is skipped, as its numbers
// have moved to where nobody looks.
func TestARenamedKeyIsNoZero(t *testing.T) {
	text, err := os.ReadFile("testdata/v1-lose-the-authority.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	own, err := Load(write(t, eventsOf(t, text)))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := os.ReadFile(write(t, own.Events))
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(mine), `"version":2`, `"version":3`, 1)
	l, err := Read(strings.NewReader(newer))
	if err != nil || l.Skipped != 0 {
		t.Fatalf("%v: newer, and nothing new in it: %q", err, l.Remarks())
	}
	l, err = Read(strings.NewReader(strings.ReplaceAll(newer, `"requests":`, `"requests_ended":`)))
	if err != nil {
		t.Fatal(err)
	}
	s := drill.NewState()
	for _, e := range l.Events {
		s.Apply(e)
	}
	if l.SkippedKinds["traffic.sampled"] == 0 || l.Skipped != l.SkippedKinds["traffic.sampled"]+l.SkippedKinds["steady.measured"] {
		t.Errorf("skipped %v", l.SkippedKinds)
	}
	for _, p := range s.Populations {
		if p.Last != nil || len(s.Traffic.Points) > 0 || s.SampledAt != 0 {
			t.Errorf("%s has a sample: %+v", p.Spec.Name, p.Last)
		}
	}
}

func eventsOf(t *testing.T, text []byte) []drill.Event {
	t.Helper()
	l, err := Read(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return l.Events
}
