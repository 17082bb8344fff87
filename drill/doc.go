// Package drill is the domain of fleetdrill: what a fleet, a region, a dataset
// and a drill are, which events a drill is made of, and the state that follows
// from them. It uses the standard library only and, of ours, the nouns that stand
// below it (a fleet's topology, a runbook, what was measured at one moment), so that
// the screen, a replay, a report and a live drill can all read the same thing. What is
// derived from a state is package measure.
//
// Commands go down, events come up:
//
//	operator ─ command ─▶ engine ─▶ fleet + agents ─ event ─▶ journal ─▶ state ─▶ screen / report
package drill
