package policy

import "slices"

// failover sends everybody to one region, the primary, and to the next standby only while it does not serve. Regions that
// the order leaves out serve nobody.
var failover = Policy{
	Name:     "failover",
	Words:    "everybody to the primary, and to the first standby that serves while it does not",
	Chosen:   "is the first that is up",
	Returned: "comes first and serves again",
	Answer: func(a Ask) Answer {
		first, place := "", -1
		for i, r := range a.Regions {
			at := i
			if len(a.Routing.Order) > 0 {
				at = slices.Index(a.Routing.Order, r.Name)
			}
			if at >= 0 && (place < 0 || at < place) {
				first, place = r.Name, at
			}
		}
		return all(first)
	},
}
