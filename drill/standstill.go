package drill

import "time"

func init() {
	register[StandstillNoticed]()
	register[RegionStarved]()
}

// StandstillNoticed says that fleetdrill itself did not run: it was stopped, starved or swapped out, or the machine
// slept. Nothing that it measures over that time is the fleet's doing. From is the last sign that it ran, on the engine's
// clock; For is how long none followed.
type StandstillNoticed struct {
	From time.Duration `json:"from"`
	For  time.Duration `json:"for"`
	// Slept is how long the machine slept in it: time that the engine's clock did not count, so For does not have it.
	Slept time.Duration `json:"slept,omitempty"`
	// Settle is how long afterwards what it broke may not be mended yet: leases ran out, connections timed out.
	Settle time.Duration `json:"settle"`
}

// Kind implements Body.
func (StandstillNoticed) Kind() string { return "standstill.noticed" }

// End is when nothing is judged by it any more.
func (b StandstillNoticed) End() time.Duration { return b.From + b.For + b.Settle }

// Overlaps reports whether a span on the engine's clock has a part of the standstill, or of what it broke.
func (b StandstillNoticed) Overlaps(from, to time.Duration) bool {
	return from <= b.End() && b.From <= to
}

func (b StandstillNoticed) fold(s *State, e Event) {
	s.Standstills = append(s.Standstills, b)
	s.show(e)
}

// RegionStarved says that a region's agent did not run for longer than a probe may take, while no fault was on its region:
// the machine starved its node. The agent says so itself, once it answers again; From and For are on the engine's
// clock.
type RegionStarved struct {
	Region string        `json:"region"`
	From   time.Duration `json:"from"`
	For    time.Duration `json:"for"`
}

// Kind implements Body.
func (RegionStarved) Kind() string { return "region.starved" }

// Overlaps reports whether a span on the engine's clock has a part of it.
func (b RegionStarved) Overlaps(from, to time.Duration) bool {
	return from <= b.From+b.For && b.From <= to
}

func (b RegionStarved) fold(s *State, e Event) {
	s.Starved = append(s.Starved, b)
	s.show(e)
}
