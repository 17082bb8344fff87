// Package traffic is the users of a fleet.
// Users ask in an open loop: they are due when their population's clock says so,
// however slow the answers are, and a latency counts from when its request was
// due, so that a stall is not hidden (the coordinated omission problem).
// Everything that a sample says was counted from requests that were due; nothing
// is estimated.
package traffic
