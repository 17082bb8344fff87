package drill

func init() { register[NameLookedUp]() }

// NameLookedUp says what a region's gateway was answered when it looked up, by the name server that it goes by, the name that the
// store of another region has inside that one's own cluster. Says is the DNS's answer: "NXDOMAIN", or addresses.
type NameLookedUp struct {
	Region string `json:"region"`
	Name   string `json:"name"`
	Of     string `json:"of"` // the region whose store has that name in its cluster
	Says   string `json:"says"`
}

// Kind implements Body.
func (NameLookedUp) Kind() string { return "name.looked-up" }

func (b NameLookedUp) fold(s *State, e Event) {
	if s.Region(b.Region) != nil {
		s.Lookups = append(s.Lookups, b)
		s.show(e)
	}
}
