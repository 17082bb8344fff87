package failure

import "time"

// Instrument knows what this program could not do itself; *instrument.Watch is one.
type Instrument interface {
	// Stood reports whether it stood still in a part of a span on the engine's clock.
	Stood(from, to time.Duration) bool
	// Short reports whether it had no descriptor left in a part of one.
	Short(from, to time.Duration) bool
	// Refused notes that it was given no descriptor or port just now.
	Refused()
}

// Sound is a program that always could.
type Sound struct{}

// Stood implements Instrument.
func (Sound) Stood(time.Duration, time.Duration) bool { return false }

// Short implements Instrument.
func (Sound) Short(time.Duration, time.Duration) bool { return false }

// Refused implements Instrument.
func (Sound) Refused() {}

// Own reports whether a failure is this program's: it could not send, or was short of descriptors meanwhile.
func Own(i Instrument, err error, from, to time.Duration) bool {
	if Reason(err) == NoDescriptor {
		i.Refused()
		return true
	}
	return i.Short(from, to)
}
