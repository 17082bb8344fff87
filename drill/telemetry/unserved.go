package telemetry

// Unserved reports whether a population gets nothing: several of its requests came to an end, and none was
// answered. In the share of all requests one of few users would not show.
func Unserved(ended, answered int) bool { return ended >= leastUnserved && answered == 0 }

// leastUnserved is how many must have failed for that: one alone is chance.
const leastUnserved = 2
