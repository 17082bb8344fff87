package show

import (
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Holding is what a region has of a dataset, in words: its role, and how far its data is, each in
// several lengths, the longest first.
type Holding struct {
	Leads bool
	Kept  bool   // it keeps a replica
	Term  string // of who leads: its term
	Role  []string
	Data  []string
	Is    Condition
}

// Condition is how a region's data is.
type Condition int

// The conditions.
const (
	Fine    Condition = iota // stored, or behind by so many writes
	Unseen                   // not known
	Silent                   // it has not answered of late
	Copying                  // it copies what it missed
	TwoLead                  // it takes writes beside another leader
)

// DataStyle is the style of what is said of the data.
func (h Holding) DataStyle() style.Style {
	switch {
	case !h.Kept || h.Is == Unseen:
		return style.Label
	case h.Is == Silent:
		return style.Caution
	case h.Is == Copying:
		return style.CautBold
	case h.Is == TwoLead:
		return style.DangerBold
	}
	return style.Text
}

// Style is the style of what is said in one line.
func (h Holding) Style() style.Style {
	if h.LeadsAlone() {
		return style.Star
	}
	return h.DataStyle()
}

// LeadsAlone reports whether a region leads, and nothing is wrong with that.
func (h Holding) LeadsAlone() bool { return h.Leads && h.Is == Fine }

// HoldingOf is what a region has of a dataset.
func HoldingOf(sc Scene, d *drill.DatasetState, region string) Holding {
	h := Holding{Kept: true}
	sample := d.Replicas[region]
	leader, leads := measure.Leads(d, region)
	switch {
	case NotKept(sc.State, d, region) != "":
		return Holding{Role: []string{"not kept here", "not kept", format.None}}
	case leads:
		h.Leads, h.Term = true, format.Term(leader.Epoch)
		h.Role = leaderWords(h.Term)
	case sample == nil:
		h.Role = []string{format.Unknown}
	case sample.Stale && d.Was == region:
		h.Role = []string{"was leader"}
	case sample.Stale:
		h.Role = []string{"role unknown", format.Unknown}
	case sample.Snapshot != nil:
		h.Role = []string{"backup"}
	default:
		h.Role = []string{RoleWord(sample.Role)}
	}
	h.data(sc, d, region, sample, leader)
	return h
}

// RoleWord is the word for what a replica is that does not lead.
func RoleWord(r role.Role) string {
	switch r {
	case role.Authority: // it was, and has not heard of another one
		return "old leader"
	case role.Fenced:
		return "locked out"
	}
	return string(r)
}

func leaderWords(term string) []string {
	return []string{"leader, " + term, "leader " + term, "leader"}
}

// data is how far a replica's data is.
func (h *Holding) data(sc Scene, d *drill.DatasetState, region string, s *telemetry.Replica, leader measure.Leader) {
	switch {
	case leader.Split:
		n := format.Count(leader.Took)
		h.Is = TwoLead
		h.Data = []string{"takes writes: " + n, "takes writes " + n, "took " + n}
	case s == nil:
		h.Is, h.Data = Unseen, []string{format.Unknown}
	case s.Stale:
		age := sc.Age(s.Contact)
		h.Is, h.Data = Silent, []string{"last answer " + age + " ago", "silent for " + age, "silent " + age, "silent"}
	case Rejoining(sc.State, d.Name, region) != nil:
		owed := format.Unknown
		if s.OwedBytes != nil {
			owed = format.Bytes(*s.OwedBytes)
		}
		sign := sc.Theme.Glyphs.Syncing + " "
		h.Is, h.Data = Copying, []string{sign + owed + " still to copy", sign + owed + " to copy", sign + owed}
	case h.Leads, s.Role == role.Authority, s.Role == role.Fenced:
		n := format.Count(s.Entries)
		h.Data = []string{n + " writes stored", n + " stored", n}
	case s.Snapshot != nil:
		h.Data = format.Snapshot(s.Snapshot, sc.Now)
	case s.LagWrites == nil:
		h.Is, h.Data = Unseen, []string{format.Unknown}
	default:
		h.Data = Behind(*s.LagWrites)
	}
}

// Behind is how many writes a replica lacks.
func Behind(lag uint64) []string {
	if lag == 0 {
		return []string{"has every write", "has all"}
	}
	return []string{format.Plural(lag, "write behind", "writes behind"), format.Count(lag) + " behind"}
}

// InOne is role and data in one line: of a leader its term, of any other how far its data is.
func (h Holding) InOne() []string {
	switch {
	case !h.Kept || h.LeadsAlone():
		return h.Role
	case len(h.Role) > 0 && h.Leads:
		return append([]string{h.Role[len(h.Role)-1] + ", " + h.Data[0]}, h.Data...)
	}
	return h.Data
}

// Longest is the first of some texts that has room in w columns, else the last, cut.
func Longest(w int, texts []string) string {
	for _, t := range texts {
		if canvas.Width(t) <= w {
			return t
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return canvas.Cut(texts[len(texts)-1], w)
}

// ShortNames is datasets' names without the words that all begin with: "async" of "orders-async"
// beside "orders-sync".
func ShortNames(all []*drill.DatasetState) []string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name
	}
	if len(names) < 2 {
		return names
	}
	head, _, found := strings.Cut(names[0], "-")
	shared := func(n string) bool { return strings.HasPrefix(n, head+"-") && len(n) > len(head)+1 }
	if !found || !shared(names[0]) || slices.ContainsFunc(names, func(n string) bool { return !shared(n) }) {
		return names
	}
	for i := range names {
		names[i] = names[i][len(head)+1:]
	}
	return names
}

// Rejoining finds the return of a region's replica that is under way; nil when there is none.
func Rejoining(s *drill.State, dataset, region string) *drill.Rejoin {
	for _, r := range slices.Backward(s.Rejoins) {
		if r.Dataset == dataset && r.Region == region && r.Done == nil {
			return r
		}
	}
	return nil
}
