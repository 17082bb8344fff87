package tui

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// Why a key can't do anything now, in words for the person who pressed it. ""
// means that it can.

func hasSession(m *model) string {
	switch m.page() {
	case pageDrill:
		return ""
	case pageBringUp:
		return "the fleet is still coming up"
	case pageResult:
		return "the drill is over"
	case pageLeaving:
		return "the fleet is being taken down"
	}
	return "no drill runs"
}

func canCommand(m *model) string {
	if why := hasSession(m); why != "" {
		return why
	}
	if m.live.state.Phase == drill.PhaseTearDown {
		return "the fleet is being taken down"
	}
	return ""
}

func (m *model) current() *drill.RegionState {
	if m.live == nil {
		return nil
	}
	return m.live.state.Region(m.region)
}

func canRegion(m *model) (*drill.RegionState, string) {
	if why := canCommand(m); why != "" {
		return nil, why
	}
	r := m.current()
	if r == nil {
		return nil, "no region is selected"
	}
	for _, c := range m.live.state.Commands {
		if c.Ended == nil && c.Command.Region == r.Spec.Name {
			return nil, fmt.Sprintf("“%s” is still under way", c.Command)
		}
	}
	return r, ""
}

func canFault(done string) func(*model) string {
	return func(m *model) string {
		r, why := canRegion(m)
		switch {
		case why != "":
			return why
		case r.Fault != nil:
			return fmt.Sprintf("%s can't be %s, it is %s already; r restores it", r.Spec.Name, done, r.Health)
		case r.Cordoned:
			return r.Spec.Name + " is cordoned, nothing runs there; u uncordons it"
		}
		return ""
	}
}

func canCordon(m *model) string {
	r, why := canRegion(m)
	switch {
	case why != "":
		return why
	case r.Cordoned:
		return r.Spec.Name + " is cordoned already; u uncordons it"
	case r.Fault != nil:
		return fmt.Sprintf("%s is %s, there is nothing to drain; r restores it", r.Spec.Name, r.Health)
	}
	return ""
}

func canUncordon(m *model) string {
	r, why := canRegion(m)
	if why == "" && !r.Cordoned {
		return r.Spec.Name + " is not cordoned"
	}
	return why
}

func canRestore(m *model) string {
	r, why := canRegion(m)
	switch {
	case why != "":
		return why
	case r.Fault == nil && r.Cordoned:
		return r.Spec.Name + " is cordoned, which is no fault; u uncordons it"
	case r.Fault == nil && pane.CutOff(m.live.state, r.Spec.Name) != nil:
		return m.wayBack(r)
	// One that died by itself has no fault, and can be brought back all the same.
	case r.Fault == nil && r.Health != drill.HealthDown:
		return fmt.Sprintf("%s is %s, there is no fault to end", r.Spec.Name, r.Health)
	}
	return ""
}

// wayBack says how a region that does not serve is brought back.
func (m *model) wayBack(r *drill.RegionState) string {
	if r.Fault == nil && pane.CutOff(m.live.state, r.Spec.Name) != nil {
		return r.Spec.Name + " is cut off; H mends it"
	}
	return fmt.Sprintf("%s is %s; r restores it", r.Spec.Name, r.Health)
}

// canHold says why the focused region can't become the dataset's authority.
func canHold(m *model) (*drill.DatasetState, string) {
	r, why := canRegion(m)
	if why != "" {
		return nil, why
	}
	d := m.live.state.Dataset(m.dataset)
	switch {
	case d == nil:
		return nil, "this fleet has no dataset"
	case d.Authority == r.Spec.Name && m.answers(d):
		return nil, fmt.Sprintf("%s is the authority of %s already", r.Spec.Name, d.Name)
	case residency(d, r.Spec) != "":
		return nil, residency(d, r.Spec)
	case !slices.Contains(d.Spec.Regions, r.Spec.Name):
		return nil, fmt.Sprintf("%s keeps no replica of %s", r.Spec.Name, d.Name)
	case r.Health == drill.HealthCordoned:
		return nil, r.Spec.Name + " is cordoned; u uncordons it"
	case !r.Health.Serves():
		return nil, m.wayBack(r)
	}
	return d, ""
}

// reached reports whether the dataset's authority can be asked.
func (m *model) reached(d *drill.DatasetState) bool {
	r := m.live.state.Region(d.Authority)
	return r != nil && (r.Health.Serves() || r.Health == drill.HealthCordoned)
}

// answers reports whether it serves as well. The state keeps the old authority
// until another is promoted, but from the beginning of the failover on it is
// fenced, also where it is back.
func (m *model) answers(d *drill.DatasetState) bool {
	return m.reached(d) && !failingOver(m.live.state, d)
}

// failingOver reports whether a failover of the dataset has promoted nobody yet.
func failingOver(s *drill.State, d *drill.DatasetState) bool {
	for _, f := range slices.Backward(s.Failovers) {
		if f.Dataset == d.Name {
			_, promoted := f.Ends[drill.StagePromote]
			return !promoted
		}
	}
	return false
}

func canSwitchover(m *model) string {
	d, why := canHold(m)
	switch {
	case why != "":
		return why
	case d.Authority == "":
		return d.Name + " has no authority to switch over from; P promotes"
	case !m.reached(d):
		return fmt.Sprintf("%s, the authority of %s, does not answer; P promotes", d.Authority, d.Name)
	case !m.answers(d):
		return fmt.Sprintf("%s is back but fenced: the failover of %s is still open; P promotes", d.Authority, d.Name)
	}
	return ""
}

// canPromote is asked for force as well: no engine promotes what is not whole.
func canPromote(m *model) string {
	d, why := canHold(m)
	switch {
	case why != "":
		return why
	case m.answers(d):
		return fmt.Sprintf("%s, the authority of %s, answers; F switches over and loses nothing", d.Authority, d.Name)
	}
	if s := d.Replicas[m.region]; s != nil && !s.Stale && s.Seeding {
		return m.region + " is being copied; it can't lead until it is whole"
	}
	return ""
}

func canChooseDataset(m *model) string {
	if why := hasSession(m); why != "" && m.page() != pageResult {
		return why
	}
	if len(m.live.state.Datasets) < 2 {
		return "this fleet has only one dataset"
	}
	return ""
}

func canListLost(m *model) string {
	if m.live == nil {
		return "no drill runs"
	}
	d := m.live.state.Dataset(m.dataset)
	if split := d != nil && len(d.Splits) > 0; !split && measure.Lost(m.live.state, m.dataset).N == 0 {
		return "no acknowledged write is known to be lost"
	}
	return ""
}

func canInspect(m *model) string {
	if m.page() == pageResult || m.focus == pane.Data {
		return canListLost(m)
	}
	return hasSession(m)
}

func hasColor(m *model) string {
	if m.opt.NoColor {
		return "colours are switched off"
	}
	return ""
}
