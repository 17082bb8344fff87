package topology

// The ends of a partition that are no region: where the failover controller and
// the global router stand, and everything but the region named first (all other
// regions and the controller; users reach it still).
const (
	EndControl = "control"
	EndOthers  = "others"
)

// Way is one direction of a link, or of several: EndOthers stands for every place but the
// other end.
type Way struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Has reports whether the direction from one place to another is meant.
func (w Way) Has(from, to string) bool {
	is := func(place, end, other string) bool { return place == end || end == EndOthers && place != other }
	return is(from, w.From, w.To) && is(to, w.To, w.From)
}

// Ways is the directions between two ends: both, or the one from the first to the second.
func Ways(a, b string, oneWay bool) []Way {
	if oneWay {
		return []Way{{a, b}}
	}
	return []Way{{a, b}, {b, a}}
}
