package measure

import "time"

// IncidentID says which incident of a drill one is. It stays while the drill goes on; the place in the list
// does not, as an incident may be known to be over later than it was.
type IncidentID struct {
	Command, Fault, Failover int // one of them, or none
	Dataset, Region          string
	At                       time.Duration // of a changed durability, or a database that hung
}

// ID is which incident it is.
func (i Incident) ID() IncidentID {
	switch {
	case i.Command != nil:
		return IncidentID{Command: i.Command.ID}
	case i.Kind == IncidentFault: // of a journal that does not name commands
		return IncidentID{Fault: i.Faults[0].ID}
	case i.Kind == IncidentDurability:
		return IncidentID{Dataset: i.Mode.Dataset, At: i.Mode.T}
	case i.Kind == IncidentHang:
		return IncidentID{Dataset: i.Stall.Dataset, Region: i.Stall.Region, At: i.Stall.Since}
	}
	return IncidentID{Failover: i.Moves[0].Failover.ID}
}
