package action

import "github.com/fleetdrill/fleetdrill/drill"

// uncordon lets a region take workload and users again.
var uncordon = Action{
	Verb: drill.VerbUncordon,
	Words: Words{Name: "uncordon", Done: "uncordoned", Help: "uncordon: take users and work again",
		Key: "u", Group: GroupRegion, Mends: true},
	Params: []Param{theRegion},
	Check: func(s *drill.State, c drill.Command) *Refusal {
		if s.Region(c.Region).Cordoned {
			return nil
		}
		if r := broken(s, c.Region); r != nil {
			r.Why += ", not cordoned"
			return r
		}
		return refuse("", "%s is not cordoned", c.Region)
	},
	Assume: func(_ *drill.State, c drill.Command) []drill.Body {
		return []drill.Body{drill.RegionCordoned{Region: c.Region}}
	},
}
