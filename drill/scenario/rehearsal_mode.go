package scenario

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// promise checks that a dataset could be switched to a mode by then. Where a
// failover may have moved the authority, or changed sync's partner with it, the
// promise of then is not known, and only what no promise allows is a mistake.
func (h *rehearsal) promise(s *step) {
	c := s.Command
	d, known := h.fleet.Dataset(c.Dataset)
	if !known || c.Mode == "" {
		return
	}
	to, now := drill.Durability{Mode: c.Mode, With: c.With}, h.mode[d.Name]
	up := slices.DeleteFunc(slices.Clone(d.Regions), func(region string) bool { _, down := h.down[region]; return down })
	o, partnerDown := h.down[to.With]
	switch {
	case d.Mode == drill.ModePinned:
		h.add(s.line, "%s is pinned to %s; residency is not switched while a drill runs", d.Name, d.Jurisdiction)
	case to == now.Durability && !h.lost && now.line > 0:
		h.add(s.line, "%s is %s since line %d; name another mode", d.Name, to, now.line)
	case to == now.Durability && !h.lost:
		h.add(s.line, "%s is %s already; name another mode", d.Name, to)
	case to.Mode == drill.ModeSync && to.With != "" && !slices.Contains(d.Regions, to.With):
		h.add(s.line, "%s holds no copy of %s; those that do are %s", to.With, d.Name, list(d.Regions))
	case to.Mode == drill.ModeSync && to.With != "" && h.lead[d.Name] == to.With:
		h.add(s.line, "%s leads %s by then; sync needs a partner beside it", to.With, d.Name)
	case to.Mode == drill.ModeSync && partnerDown:
		h.add(s.line, "%s is %s, and every write would wait for it; %s it first", to.With, o, o.undo())
	case to.Mode == drill.ModeQuorum && len(d.Regions) < 3:
		h.add(s.line, "%s has %d copies, and a majority would be all of them; use sync", d.Name, len(d.Regions))
	case to.Mode == drill.ModeQuorum && len(up) < d.Majority():
		h.add(s.line, "%d of %s's %d regions are up by then, and a majority is %d; restore one first", len(up), d.Name, len(d.Regions), d.Majority())
	default:
		h.mode[d.Name] = promised{to, s.line}
	}
}
