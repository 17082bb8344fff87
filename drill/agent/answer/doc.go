// Package answer is how the tiers of a region answer over HTTP: whom they let in, how they read a
// request's body and limits, and how they write a result, an error, or what another tier answered.
package answer
