// Package drill is the domain of fleetdrill: what a fleet, a region, a dataset
// and a drill are, which events a drill is made of, and the state that follows
// from them. It uses the standard library only and imports nothing of ours, so
// that the screen, a replay, a report and a live drill can all read the same
// thing.
//
// Commands go down, events come up:
//
//	operator ─ command ─▶ engine ─▶ fleet + agents ─ event ─▶ journal ─▶ state ─▶ screen / report
package drill
