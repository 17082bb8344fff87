// Package port is what an action asks of the parts of a drill, and what can come of one. Ports return results; what becomes
// an event is emitted by the action.
package port
