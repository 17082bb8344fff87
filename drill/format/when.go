package format

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// When says a time of the engine's as people count it: from the first fault once there was one, before
// it and where nothing broke from the end of the warm-up (which plans count from), and before that from the
// start. Screen and report say it alike.
func When(s *drill.State, t time.Duration) string {
	if first, found := firstFault(s); found && t >= first {
		return Since(t-first) + " after the first fault"
	}
	if s.SteadyEnd != nil && t >= *s.SteadyEnd {
		return Since(t-*s.SteadyEnd) + " into the drill"
	}
	return Since(t) + " since the start"
}

// ShortWhen is When where there is little room: "fault +12.4 s" from the first fault.
func ShortWhen(s *drill.State, t time.Duration) string {
	if first, found := firstFault(s); found && t >= first {
		return "fault +" + Since(t-first)
	}
	if s.SteadyEnd != nil && t >= *s.SteadyEnd {
		return "drill +" + Since(t-*s.SteadyEnd)
	}
	return "start +" + Since(t)
}

// Since writes a clock that runs: tenths below a minute, so that it never jumps between units.
func Since(d time.Duration) string {
	if d = max(d, 0); d < time.Minute {
		tenths := d / (100 * time.Millisecond)
		return Count(int64(tenths/10)) + "." + Count(int64(tenths%10)) + " s"
	}
	return Span(d)
}

// Stamp is When in the eight columns of a list: minutes, seconds and tenths from the first fault, or by the
// drill's clock.
func Stamp(s *drill.State, t time.Duration) string {
	if first, found := firstFault(s); found {
		return Clock(t - first)
	}
	return Clock(measure.Elapsed(s, t))
}

// Origin is the time of the engine's that stamps count from: the first fault, or the end of the warm-up.
func Origin(s *drill.State) time.Duration {
	if first, found := firstFault(s); found {
		return first
	}
	return -measure.Elapsed(s, 0)
}

// WallClock is a time of the engine's on the clock of the machine that drilled.
func WallClock(s *drill.State, t time.Duration) string { return Dated(s.Started.Add(t), "15:04:05") }

// Dated writes a time of a recording in the zone that it was recorded in, so that all clocks of one
// drill agree, and says that zone where it is not the viewer's.
func Dated(at time.Time, layout string) string {
	_, own := at.Zone()
	if _, viewers := at.Local().Zone(); own == viewers {
		return at.Format(layout)
	}
	if own == 0 {
		return at.Format(layout + " UTC")
	}
	return at.Format(layout + " UTC-07:00") // the digits stand for the offset
}

// firstFault is when the first fault could first affect a user; false where nothing broke.
func firstFault(s *drill.State) (time.Duration, bool) {
	if len(s.Faults) == 0 {
		return 0, false
	}
	first := s.Faults[0].From
	for _, f := range s.Faults {
		first = min(first, f.From)
	}
	return first, true
}
