// Package role is what a replica of a dataset may be doing.
package role

// Role is what a replica of a dataset is doing.
type Role string

// The roles.
const (
	Authority Role = "authority"
	Follower  Role = "follower"
	Fenced    Role = "fenced" // serves nothing: it has just started, or lost its lease
)
