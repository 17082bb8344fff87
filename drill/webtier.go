package drill

import "time"

func init() {
	register[RegionScaled]()
	register[RegionUnserved]()
}

// RegionScaled says that a region has another number of web replicas, and that each is ready. Proof is what was read back.
type RegionScaled struct {
	Region   string `json:"region"`
	Was      int    `json:"was"`
	Replicas int    `json:"replicas"`
	// Took is from when it was asked for (by a command, a commit, or a change by hand) until each of the replicas was ready; 0 in
	// journals of before, where nobody waited for that.
	Took  time.Duration `json:"took"`
	Proof string        `json:"proof"`
}

// ScaledAt is a scaling and when it was done.
type ScaledAt struct {
	RegionScaled
	At time.Duration
}

// Kind implements Body.
func (RegionScaled) Kind() string { return "region.scaled" }

func (b RegionScaled) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Web = b.Replicas
		s.Scaled = append(s.Scaled, ScaledAt{RegionScaled: b, At: s.Now})
		s.show(e)
		r.rejudge(s.Now)
	}
}

// RegionUnserved says that a region's gateway answers for itself and has no web replica that answers (On), or that the
// gateway no longer does so either. It comes from the router's probes, After so many in a row.
type RegionUnserved struct {
	Region string `json:"region"`
	On     bool   `json:"on"`
	After  int    `json:"after"`
	Why    string `json:"why,omitempty"`
}

// Kind implements Body.
func (RegionUnserved) Kind() string { return "region.unserved" }

func (b RegionUnserved) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Unserved = b.On
		s.show(e)
		r.rejudge(s.Now)
	}
}
