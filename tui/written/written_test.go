package written

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// story is three writes to orders, of which the first is lost, and one to carts.
func story() *drill.State {
	s := drill.NewState()
	seq := uint64(0)
	apply := func(bodies ...drill.Body) {
		for _, b := range bodies {
			seq++
			s.Apply(drill.Event{Seq: seq, T: time.Duration(seq) * time.Second, Body: b})
		}
	}
	confirmed := func(id, dataset, text string) {
		apply(drill.WriteSent{ID: id, Dataset: dataset, Region: "us-east", Text: text},
			drill.WriteEnded{ID: id, Dataset: dataset, Took: 23 * time.Millisecond, By: "us-east"})
	}
	held := func(id, dataset, lead string, by ...bool) {
		t := fate.Trace{Authority: lead}
		for i, h := range by {
			t.Copies = append(t.Copies, fate.Copy{Region: []string{"us-east", "eu-west", "ap-south"}[i], Answered: true, Held: h})
		}
		apply(drill.WriteTraced{ID: id, Dataset: dataset, Trace: t})
	}
	apply(drill.DrillStarted{Fleet: topology.Fleet{Name: "f"}})
	confirmed("1", "orders", "the first row of mine")
	held("1", "orders", "eu-west", false, false, false)
	confirmed("2", "orders", "short")
	held("2", "orders", "us-east", true, true, true)
	confirmed("3", "orders", "a row with so many words that no narrow pane has room for them all")
	held("3", "orders", "us-east", true, true, false)
	confirmed("4", "carts", "of another dataset")
	return s
}

func drawn(w, h int, dataset string) string {
	theme := style.New(style.Options{NoColor: true})
	c := canvas.New(w, h, theme)
	rows := Lines(c.All(), story(), theme.Glyphs, dataset)
	lines := strings.Split(ansi.Strip(c.String()), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \r")
	}
	return strings.Join(lines[:rows], "\n")
}

// What is lost comes first, and a fate is whole at every width: a write's own words are cut before it.
func TestLines(t *testing.T) {
	for _, tt := range []struct {
		w, h    int
		dataset string
		want    string
	}{
		{100, 8, "orders", `your 3 writes, 1 not with the leader
✕ “the first row o…”  LOST: it is not in eu-west, which leads now · confirmed by us-east after 23 ms
✓ “a row with so many…”  in 2 of 3 replicas, not yet in ap-south · confirmed by us-east after 23 ms
✓ “short”  in all 3 replicas · confirmed by us-east after 23 ms`},
		{76, 8, "orders", `your 3 writes, 1 not with the leader
✕ “the first row of mine”  LOST: it is not in eu-west, which leads now
✓ “a row with so many words that…”  in 2 of 3 replicas, not yet in ap-south
✓ “short”  in all 3 replicas · confirmed by us-east after 23 ms`},
		{44, 6, "orders", `your 3 writes, 1 not with the leader, 2 mor…
✕ “the first row of mine”
  LOST: it is not in eu-west, which leads
  now · confirmed by us-east after 23 ms`},
		{76, 1, "orders", "✕ “the first row of mine”  LOST: it is not in eu-west, which leads now"},
		{58, 1, "orders", "✕ “the first…” LOST: it is not in eu-west, which leads now"},
		{46, 1, "orders", "✕ LOST: it is not in eu-west, which leads now"},
		{90, 3, "", `your 4 writes, 1 not with the leader, 2 more in the report
✕ orders “the first row of mine”  LOST: it is not in eu-west, which leads now
· carts “of another dataset”  confirmed by us-east after 23 ms`},
		{90, 3, "songs", ""},
	} {
		if got := drawn(tt.w, tt.h, tt.dataset); got != tt.want {
			t.Errorf("%d×%d:\n%s\nwant\n%s", tt.w, tt.h, got, tt.want)
		}
	}
}

// Words that are two columns a character are cut by columns: a fate is whole beside them as beside others.
func TestWideWordsPushNoFateOff(t *testing.T) {
	s := drill.NewState()
	for i, b := range []drill.Body{drill.DrillStarted{Fleet: topology.Fleet{Name: "f"}},
		drill.WriteSent{ID: "1", Dataset: "orders", Region: "us-east", Text: strings.Repeat("東京", 100)},
		drill.WriteEnded{ID: "1", Dataset: "orders", Took: 23 * time.Millisecond, By: "us-east"}} {
		s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
	}
	theme := style.New(style.Options{NoColor: true})
	for w := 34; w < 200; w++ {
		for _, h := range []int{1, 3, 8} {
			c := canvas.New(w, h, theme)
			Lines(c.All(), s, theme.Glyphs, "")
			if got := ansi.Strip(c.String()); !strings.Contains(got, "confirmed by us-east after 23 ms") {
				t.Fatalf("%d×%d: %s", w, h, got)
			}
		}
	}
}
