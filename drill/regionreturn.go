package drill

import "time"

func init() {
	register[RegionHeld]()
	register[RegionFlapping]()
	register[RegionRamped]()
}

// RegionHeld says that a region which was down answers its probes again, and that the router does not send users there until
// it has answered For longer without a failure; 0 is that it answers no more before that.
type RegionHeld struct {
	Region string        `json:"region"`
	For    time.Duration `json:"for"`
}

// Kind implements Body.
func (RegionHeld) Kind() string { return "region.held" }

func (b RegionHeld) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.HeldUntil = 0
		if b.For > 0 {
			r.HeldUntil = s.Now + b.For
		}
		s.show(e)
	}
}

// RegionFlapping says that a region's probes went from answered to failed Downs times Within a time (On), or that they do
// no longer.
type RegionFlapping struct {
	Region string        `json:"region"`
	On     bool          `json:"on"`
	Downs  int           `json:"downs"`
	Within time.Duration `json:"within"`
}

// Kind implements Body.
func (RegionFlapping) Kind() string { return "region.flapping" }

func (b RegionFlapping) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Flapping = b.On
		s.show(e)
	}
}

// RegionRamped says that a region which came back has only a part of its share at first, and all of it after Over.
type RegionRamped struct {
	Region string        `json:"region"`
	Over   time.Duration `json:"over"`
}

// Kind implements Body.
func (RegionRamped) Kind() string { return "region.ramped" }

func (b RegionRamped) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Ramped = ptr(s.Now)
		s.show(e)
	}
}
