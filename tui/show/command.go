package show

import "github.com/fleetdrill/fleetdrill/drill"

// FailedWord is the word for a command that did not do what was asked: it was refused before anything was done, or
// it failed.
func FailedWord(c *drill.CommandState) string {
	if c.Refused {
		return "refused"
	}
	return "failed"
}
