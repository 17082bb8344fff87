package fleetmap

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

var theme = style.New(style.Options{NoColor: true})

// fleetOf is a drill of n regions that are all linked, the first of which leads some datasets; everybody is
// served at home.
func fleetOf(n int, datasets ...string) (*drill.State, func(...drill.Body)) {
	f := topology.Fleet{Name: "many", Routing: topology.Routing{Policy: "nearest"}}
	for i := range n {
		f.Regions = append(f.Regions, topology.Region{Name: regionName(i), Place: "Place", Jurisdiction: "EU"})
		rtt := map[string]time.Duration{}
		for j := range n {
			rtt[regionName(j)] = time.Duration(10+20*max(i-j, j-i)) * time.Millisecond
		}
		f.Users = append(f.Users, topology.Population{Name: fmt.Sprintf("users%d", i), Count: 100, Rate: 10, RTT: rtt})
		for j := range i {
			f.Links = append(f.Links, topology.Link{Between: [2]string{regionName(j), regionName(i)}, RTT: time.Duration(30+i) * time.Millisecond})
		}
	}
	for _, name := range datasets {
		f.Datasets = append(f.Datasets, topology.Dataset{Name: name, Engine: "log", Mode: topology.ModeAsync, Authority: regionName(0), Regions: f.RegionNames()})
	}
	s := drill.NewState()
	seq := uint64(0)
	apply := func(bodies ...drill.Body) {
		for _, b := range bodies {
			seq++
			s.Apply(drill.Event{Seq: seq, T: time.Duration(seq) * 10 * time.Millisecond, Body: b})
		}
	}
	apply(drill.DrillStarted{Fleet: f})
	sample := drill.TrafficSampled{Window: 500 * time.Millisecond}
	stores := drill.StoresSampled{}
	for i := range n {
		apply(drill.RegionJudged{Region: regionName(i), Up: true}, drill.Rerouted{Population: f.Users[i].Name, To: regionName(i)})
		sample.Populations = append(sample.Populations, telemetry.Population{Population: f.Users[i].Name, Requests: 5, OK: 5, ServedBy: map[string]int{regionName(i): 5 + i}})
		for _, name := range datasets {
			lag, is := uint64((n-i)*3), role.Follower
			if i == 0 {
				is = role.Authority
			}
			stores.Stores = append(stores.Stores, telemetry.Replica{Dataset: name, Region: regionName(i), Role: is, Epoch: 1, Entries: 400, LagWrites: &lag})
		}
	}
	apply(sample, stores)
	return s, apply
}

func regionName(i int) string { return fmt.Sprintf("region-%02d", i+1) }

// drawn is the map in w × h.
func drawn(s *drill.State, w, h int, edit ...func(*Look)) string {
	l := Look{Scene: show.Scene{State: s, Now: s.Now, Theme: theme, Region: regionName(0)}}
	for _, e := range edit {
		e(&l)
	}
	c := canvas.New(w, h, style.Theme{})
	Draw(c.All(), l)
	return c.String()
}

// sizes are the insides of the map's pane on screens of 80×24, 100×30, 120×36 and 200×50.
var sizes = [][2]int{{76, 9}, {96, 15}, {72, 16}, {82, 16}}

// TestEveryRegionIsOnTheMap holds that a fleet of up to six regions shows each of them, its share and who
// leads, as a picture, at every size of screen.
func TestEveryRegionIsOnTheMap(t *testing.T) {
	for n := 1; n <= Pictured; n++ {
		s, _ := fleetOf(n, "orders")
		for _, size := range sizes {
			h := Rows(s, size[0], size[1])
			if h > size[1] {
				t.Fatalf("%d regions want %d of %d rows", n, h, size[1])
			}
			text := drawn(s, size[0], h)
			for i, r := range s.Regions {
				if !strings.Contains(text, regionName(i)+" ─") && !strings.Contains(text, regionName(i)+" ━") && !strings.Contains(text, regionName(i)+" ┴") {
					t.Errorf("%d regions in %v: %s has no card:\n%s", n, size, regionName(i), text)
				}
				if share := fmt.Sprintf("%.0f %%", r.Share*100); r.Share >= 0.1 && !strings.Contains(text, share) {
					t.Errorf("%d regions in %v: no share of %s:\n%s", n, size, share, text)
				}
			}
			if !strings.Contains(text, "★ "+regionName(0)) || !strings.Contains(text, "1st term") {
				t.Errorf("%d regions in %v: nobody leads:\n%s", n, size, text)
			}
			for _, p := range s.Populations {
				if !strings.Contains(text, p.Spec.Name) {
					t.Errorf("%d regions in %v: %s are nowhere:\n%s", n, size, p.Spec.Name, text)
				}
			}
		}
	}
}

// TestMoreRegionsAreATable holds that sixty can be gone through: the one in focus is always seen.
func TestMoreRegionsAreATable(t *testing.T) {
	s, _ := fleetOf(60, "orders")
	for i := range s.Regions {
		text := drawn(s, 76, 9, func(l *Look) { l.Region = regionName(i) })
		if !strings.Contains(text, "▸ "+regionName(i)) {
			t.Fatalf("%s is not seen:\n%s", regionName(i), text)
		}
		if !strings.Contains(text, "60 healthy") || !strings.Contains(text, "of 60 by file") {
			t.Fatalf("it is not summed up:\n%s", text)
		}
	}
}

func TestRegionsAreSorted(t *testing.T) {
	s, apply := fleetOf(8, "orders")
	apply(drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: regionName(4), Effect: runbook.Effect{Stops: []string{regionName(4)}}})
	first := func(o Order, filter string) string {
		for _, r := range Regions(s, "orders", o, filter) {
			return r.Spec.Name
		}
		return ""
	}
	for _, tt := range []struct {
		order  Order
		filter string
		want   string
	}{
		{ByFile, "", regionName(0)}, {ByShare, "", regionName(7)}, {ByHealth, "", regionName(4)}, {ByLag, "", regionName(1)}, {ByName, "", regionName(0)},
		{ByFile, "REGION-03", regionName(2)}, {ByFile, "down", regionName(4)}, {ByFile, "leader", regionName(0)}, {ByShare, "nowhere", ""},
	} {
		if got := first(tt.order, tt.filter); got != tt.want {
			t.Errorf("by %s, “%s”: %q is first, want %q", tt.order, tt.filter, got, tt.want)
		}
	}
	if got := len(Regions(s, "orders", ByName, "")); got != 8 {
		t.Errorf("%d of 8 are left", got)
	}
	o, seen := ByFile, []Order{}
	for range orders {
		seen, o = append(seen, o), o.Next()
	}
	if o != ByFile || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != int(orders) {
		t.Errorf("the key goes through %v and comes to %v", seen, o)
	}
}

// TestTwoLeadersAreBothDrawn holds that a split brain is seen at once: both lead, with what each took, and the
// one that only we can't reach is not called down.
func TestTwoLeadersAreBothDrawn(t *testing.T) {
	s, apply := fleetOf(3, "orders")
	apply(drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{regionName(0), topology.EndOthers}},
		drill.RegionJudged{Region: regionName(0), Up: false, After: 3},
		drill.SplitBrain{Dataset: "orders", Old: regionName(0), OldEpoch: 1, New: regionName(1), NewEpoch: 2, Tails: map[string][]string{regionName(0): {"a", "b"}, regionName(1): {"c"}}})
	for _, size := range sizes {
		text := drawn(s, size[0], Rows(s, size[0], size[1]))
		for _, want := range []string{"★ " + regionName(0), "★ " + regionName(1), "1st term", "2nd term", "serves", "cut"} {
			if !strings.Contains(text, want) {
				t.Errorf("in %v there is no %q:\n%s", size, want, text)
			}
		}
		if strings.Contains(text, "down") {
			t.Errorf("in %v a region that serves is called down:\n%s", size, text)
		}
	}
	text := drawn(s, 96, 15)
	if !strings.Contains(text, "takes writes: 2") || !strings.Contains(text, "takes writes: 1") {
		t.Errorf("nobody says what each took:\n%s", text)
	}
}

// TestDatasetsStandSideBySide holds that a card shows a region's role in each of several datasets.
func TestDatasetsStandSideBySide(t *testing.T) {
	s, _ := fleetOf(3, "orders-async", "orders-sync", "orders-quorum")
	for _, size := range sizes {
		text := drawn(s, size[0], Rows(s, size[0], size[1]))
		for _, want := range []string{"★ async", "★ sync", "★ quorum"} {
			if !strings.Contains(text, want) {
				t.Errorf("in %v there is no %q:\n%s", size, want, text)
			}
		}
		if n := strings.Count(text, " behind"); n != 6 {
			t.Errorf("in %v %d of 6 followers say how far behind they are:\n%s", size, n, text)
		}
	}
}

// TestFlowsMoveWhereTheyGo holds that marks go the way that bytes do, and stand where nothing is to move.
func TestFlowsMoveWhereTheyGo(t *testing.T) {
	for _, tt := range []struct {
		flow show.Flow
		sign string
		step int
	}{
		{show.Flow{There: 9000, Back: 100, Known: true}, right, 1},
		{show.Flow{There: 100, Back: 9000, Known: true}, left, -1},
		{show.Flow{Known: true}, "", 0},
		{show.Flow{There: 9000}, "", 0}, // nobody knows
	} {
		first, later := markAt(tt.flow, time.Second, true, tt.sign), markAt(tt.flow, 1500*time.Millisecond, true, tt.sign)
		if tt.sign == "" {
			if first >= 0 {
				t.Errorf("%+v: a mark stands at %d", tt.flow, first)
			}
			continue
		}
		if later-first != tt.step {
			t.Errorf("%+v: the mark went from %d to %d", tt.flow, first, later)
		}
		if a, b := markAt(tt.flow, time.Second, false, tt.sign), markAt(tt.flow, 9*time.Second, false, tt.sign); a != b || a < 0 {
			t.Errorf("%+v: without motion it went from %d to %d", tt.flow, a, b)
		}
	}
	for rate, want := range map[float64]int{1: 1, 1024: 2, 9000: 2, 10240: 4, 1 << 20: 16, 1e12: 16} {
		if got := pace(rate); got != want {
			t.Errorf("%g B/s go at %d columns a second, want %d", rate, got, want)
		}
	}
}

// markAt is the column of the mark of a flow; -1 without one.
func markAt(f show.Flow, now time.Duration, motion bool, sign string) int {
	c := canvas.New(8, 1, style.Theme{})
	drawFlow(c.All(), Look{Scene: show.Scene{Now: now, Theme: theme, Motion: motion}}, 0, 0, 8, f)
	for x := range 8 {
		if at := c.All().At(x, 0); at != "" && at != " " && (at == sign || sign == "") {
			return x
		}
	}
	return -1
}

// A card of several datasets says of each how it is here: the end of a name goes before that, and what is not kept
// is not left to look as if it were.
func TestACardSaysHowEachDatasetIs(t *testing.T) {
	s, apply := fleetOf(3, "citizens", "preferences")
	s.Fleet.Datasets[0].Regions = []string{regionName(0), regionName(1)}
	s.Dataset("citizens").Spec.Regions = s.Fleet.Datasets[0].Regions
	lag, none := uint64(21), uint64(0)
	apply(drill.StoresSampled{Stores: []telemetry.Replica{
		{Dataset: "citizens", Region: regionName(1), Role: role.Follower, Epoch: 1, LagWrites: &none},
		{Dataset: "preferences", Region: regionName(1), Role: role.Follower, Epoch: 1, LagWrites: &lag},
	}})
	text := drawn(s, 72, Rows(s, 72, 16))
	for _, want := range []string{"has all", "21 behind", "citizens      –"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q:\n%s", want, text)
		}
	}
}
