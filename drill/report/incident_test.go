package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

var (
	usersSaid = regexp.MustCompile(`([\d,]+) of ([\d,]+) users? saw`)
	lostSaid  = regexp.MustCompile(`([\d,]+) of ([\d,]+) confirmed writes? lost`)
	laterSaid = regexp.MustCompile(`[;:] ([\d,]+) confirmed writes? lost( so far)?`)
	rtoSaid   = regexp.MustCompile(`first write after ([^;,.]+(?:\.\d+)? m?s)`)
)

// recorded reads a journal of before from where they are kept.
func recorded(t *testing.T, name string) (events []drill.Event) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "journal", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var e drill.Event
		if err := e.UnmarshalJSON([]byte(line)); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// No sentence has a number that the report of the same events contradicts, wherever a journal ends.
func TestSentencesHaveTheNumbersOfTheReport(t *testing.T) {
	journals := map[string][]drill.Event{
		"told":        judged(lostAuthority()),
		"real":        recorded(t, "v1-lose-the-authority.jsonl"),
		"split brain": recorded(t, "v1-split-brain.jsonl"),
	}
	users, lost, later, rto := 0, 0, 0, 0
	for name, events := range journals {
		for n := len(events); n > 0; n-- {
			r, err := FromEvents(events[:n])
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range r.Incidents {
				said := func(pattern *regexp.Regexp, count *int, held func(found []string) bool) {
					for _, found := range pattern.FindAllStringSubmatch(i.Cost, -1) {
						if *count++; !held(found[1:]) {
							t.Fatalf("%s up to event %d: the report does not have %q of\n%s", name, n, found[0], i.Cost)
						}
					}
				}
				said(usersSaid, &users, func(f []string) bool {
					if b := r.BlastRadius; b.Asked != nil && *b.Affected == number(t, f[0]) && *b.Asked == number(t, f[1]) {
						return true
					}
					for _, p := range r.Predictions {
						if i.ID != nil && p.ID == *i.ID && p.Asked != nil && *p.Affected == number(t, f[0]) && *p.Asked == number(t, f[1]) {
							return true
						}
					}
					return false
				})
				said(lostSaid, &lost, func(f []string) bool {
					for _, m := range r.Failovers {
						if m.LostWrites != nil && *m.LostWrites == number(t, f[0]) && *m.Acknowledged == number(t, f[1]) {
							return true
						}
					}
					return r.Writes.Lost != nil && *r.Writes.Lost == number(t, f[0]) && *r.Writes.Acknowledged == number(t, f[1])
				})
				said(laterSaid, &later, func(f []string) bool {
					for _, m := range r.Failovers {
						if m.LostWrites != nil && *m.LostWrites == number(t, f[0]) && m.LostOpen == (f[1] != "") {
							return true
						}
					}
					return false
				})
				said(rtoSaid, &rto, func(f []string) bool {
					for _, m := range r.Failovers {
						if m.RTO != nil && format.Span(format.Seconds(*m.RTO)) == f[0] {
							return true
						}
					}
					return false
				})
			}
			if n == len(events) && len(r.Incidents) == 0 {
				t.Errorf("%s: nothing happened", name)
			}
		}
	}
	if users == 0 || lost == 0 || later == 0 || rto == 0 {
		t.Errorf("nothing was held against a report: %d users, %d losses, %d of them later than the check, %d RTOs", users, lost, later, rto)
	}
}

// Each incident of a judged drill is told, in the summary as in the JSON.
func TestTheSummaryTellsWhatHappened(t *testing.T) {
	r, err := FromEvents(judged(lostAuthority()))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	if len(r.Incidents) != 1 || r.Incidents[0].Settled == nil || *r.Incidents[0].Settled != (11*time.Second).Seconds() {
		t.Fatalf("%+v", r.Incidents)
	}
	for _, want := range []string{"us-east was killed at 09:30:07, and restored 6.0 s later.", "eu-west leads, first write after 2.1 s; 2 of 120 confirmed writes lost, from the last 50 ms."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, out.String())
		}
	}
}
