package series

// Level is how much there was of something when it was last looked at in a span. Nothing is known of a span in which
// nobody could look, and that is not zero.
type Level struct {
	N     int64
	Of    int64 // how much there was to be; 0 where that is not known
	Known bool
}

// Join is the later of two where that is known.
func (p Level) Join(q Level) Level {
	if q.Known {
		return q
	}
	return p
}

// Part is the same level throughout.
func (p Level) Part(int, int) Level { return p }
