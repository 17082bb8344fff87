// Package runbook is what a drill file says, as package topology is what a fleet file says: commands and when they
// are given, what is expected of the fleet before and after, and what each does to it.
package runbook
