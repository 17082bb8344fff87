// Package warning is what a person reads before an action is done, beside whom it is predicted to affect: what it takes back,
// what may be lost by it, what it costs.
package warning
