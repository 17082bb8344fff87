package pane

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/configuration"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func configTitle(v View) (string, string) { return configuration.Title(v.Scene) }

func drawConfig(a canvas.Area, v View) { configuration.Draw(a, v.hinted(Config), v.from(Config)) }

// noConfig says why there is no configuration to look at; "" where there is one.
func noConfig(s *drill.State) string {
	if s.Fleet.Config == nil {
		return configuration.Ungoverned
	}
	return ""
}

// configRows is which revision of the repository a region has, and is to have, and where it differs from that.
func configRows(v View, r *drill.RegionState) (rows []regionRow) {
	s := v.State.Config
	c := s.Region(r.Spec.Name)
	if c == nil {
		return nil
	}
	add := func(st style.Style, text string) { rows = append(rows, regionRow{"config", st, text}) }
	switch is := s.Revision(c.Applied); {
	case c.Applied == "":
		add(style.Caution, "nothing of the repository yet")
	case c.Behind():
		add(style.Caution, fmt.Sprintf("has %s, is to have %s", config.Short(c.Applied), config.Short(c.Wanted)))
	case c.Applied != s.Head.Hash:
		add(style.Text, fmt.Sprintf("%s %s; %s is newer", config.Short(c.Applied), is.Subject, config.Short(s.Head.Hash)))
	default:
		add(style.Text, config.Short(c.Applied)+" "+is.Subject)
	}
	if c.Failed != nil {
		add(style.Danger, c.Failed.Why)
	}
	if open := s.Open(r.Spec.Name); len(open) > 0 {
		seen := ", which nobody has seen yet"
		if !slices.ContainsFunc(s.OpenDrifts(r.Spec.Name), func(d *config.Drift) bool { return d.Seen == nil }) {
			seen = ""
		}
		add(style.Danger, "drifted: "+format.Fields(open)+seen)
	}
	switch unknown := gitops.Unknown(v.State, r.Spec.Name); {
	case unknown != nil:
		add(style.Caution, fmt.Sprintf("not known for %s: %s", v.Age(unknown.At), unknown.Why))
	case s.Held != nil && c.Wanted != s.Head.Hash:
		add(style.Caution, fmt.Sprintf("%s is held: %s", config.Short(s.Held.Revision), s.Held.Why))
	case s.Failed != nil:
		add(style.Danger, "the repository: "+s.Failed.Why)
	}
	return rows
}
