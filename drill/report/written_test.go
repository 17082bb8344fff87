package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
)

// The report has every own write with its fates, and the summary what is lost first and a bounded
// number of them.
func TestOwnWrites(t *testing.T) {
	events := lostAuthority()[:1]
	add := func(b drill.Body) {
		n := len(events)
		events = append(events, drill.Event{Seq: uint64(n + 1), T: time.Duration(n) * time.Second, Body: b})
	}
	for i := range 20 {
		id := fmt.Sprint("w", i)
		add(drill.WriteSent{ID: id, Dataset: "orders", Population: "americas", Region: "us-east", Text: "row " + id})
		add(drill.WriteEnded{ID: id, Dataset: "orders", Took: 23 * time.Millisecond, By: "us-east", Epoch: 1})
	}
	add(drill.WriteTraced{ID: "w7", Dataset: "orders", Trace: fate.Trace{Authority: "eu-west", Epoch: 2,
		Copies: []fate.Copy{{Region: "us-east"}, {Region: "eu-west", Answered: true}}}})
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	w := r.Written[7]
	if len(r.Written) != 20 || w.Fate != "lost" || w.Text != "row w7" || *w.ConfirmedBy != "us-east" || *w.Took != 0.023 || w.Error != nil || w.Exported != nil ||
		len(w.HeldBy) != 0 || len(w.Silent) != 1 || w.Silent[0] != "us-east" || len(w.Fates) != 3 || w.Fates[0].Fate != "waits" {
		t.Errorf("%d writes, %+v", len(r.Written), w)
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	_, told, _ := strings.Cut(out.String(), "your writes")
	lines := strings.Split(told, "\n")
	if !strings.Contains(lines[0], "“row w7”") || !strings.Contains(lines[0], "LOST: it is not in eu-west, which leads now · confirmed by us-east after 23 ms") ||
		!strings.Contains(told, "8 more") || !strings.Contains(told, "in report.json") || strings.Contains(told, "row w19") {
		t.Errorf("told\n%s", told)
	}
}
