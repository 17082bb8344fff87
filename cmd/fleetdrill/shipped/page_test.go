package shipped

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// On the least usual screen every drill that ships stands with its whole name, how long it takes
// and what it teaches, and every fleet with its whole name.
func TestWhatShipsIsReadOnASmallScreen(t *testing.T) {
	catalog, err := scenario.List()
	if err != nil {
		t.Fatal(err)
	}
	var fleets []start.FleetChoice
	for _, f := range catalog.Fleets {
		fleets = append(fleets, Fleet(f.Name, f, "", nil))
	}
	p := start.New(start.Offered{Platforms: []string{"here"}, Questions: runbook.Questions()})
	p.List(start.Catalog{Fleets: fleets, Drills: Drills()})
	look := style.New(style.Options{NoColor: true})
	text := func() string {
		c := canvas.New(80, 24, look)
		p.Draw(c.All(), keys.Now{View: pane.View{Scene: show.Scene{State: drill.NewState(), Theme: look}}}, page.Footer{}, 0)
		return ansi.Strip(c.String())
	}
	if first := text(); !strings.Contains(first, "▸ "+firstDrill+" ") || !strings.Contains(first, "▸ three-regions") {
		t.Errorf("it does not begin with %s:\n%s", firstDrill, first)
	}
	seen := map[string]bool{}
	for range len(catalog.Drills) + len(catalog.Comparisons) + 1 {
		screen := text()
		for _, held := range catalog.Comparisons {
			if strings.Contains(screen, "─ "+held.Name+" ─") {
				flat := strings.Join(strings.Fields(strings.ReplaceAll(screen, "│", " ")), " ")
				if !strings.Contains(flat, held.Teaches) || !strings.Contains(flat, held.Title) || !strings.Contains(flat, strings.Join(held.FleetNames(), ", ")) {
					t.Errorf("of %s it is cut what matters:\n%s", held.Name, screen)
				}
				seen[held.Name] = true
			}
		}
		for _, d := range catalog.Drills {
			if !strings.Contains(screen, "─ "+d.Plan.Name+" ─") { // what is said of it
				continue
			}
			flat := strings.Join(strings.Fields(strings.ReplaceAll(screen, "│", " ")), " ")
			if !strings.Contains(screen, "▸ "+d.Plan.Name+" ") || !strings.Contains(flat, d.Plan.Teaches) || !strings.Contains(flat, d.Plan.Title) {
				t.Errorf("of %s it is cut what matters:\n%s", d.Plan.Name, screen)
			}
			seen[d.Plan.Name] = true
		}
		p.Key(tea.KeyPressMsg{Code: tea.KeyDown})
	}
	if all := len(catalog.Drills) + len(catalog.Comparisons); len(seen) != all {
		t.Errorf("%d of %d drills and comparisons were seen", len(seen), all)
	}
	p.Key(tea.KeyPressMsg{Code: tea.KeyTab})
	p.Key(tea.KeyPressMsg{Code: tea.KeyTab})
	p.Key(tea.KeyPressMsg{Code: tea.KeyHome})
	for _, f := range fleets {
		if screen := text(); !strings.Contains(screen, "▸ "+f.Name+" ") {
			t.Errorf("%s is not selected, or cut:\n%s", f.Name, screen)
		}
		p.Key(tea.KeyPressMsg{Code: tea.KeyDown})
	}
}

// A drill fits the fleets that have the regions and datasets that it names, and no other.
func TestFits(t *testing.T) {
	for fleet, fits := range map[string]bool{"three-regions": true, "two-regions": true, "three-strategies": false, "none": false} {
		if err := Fits("lose-the-authority", fleet); (err == nil) != fits {
			t.Errorf("on %s: %v", fleet, err)
		}
	}
}
