// Package param is what an action takes: a parameter's kind, where a command keeps it, how it is read, and which candidates
// there are for it.
package param
