//go:build race

package controller

// raced says that the race detector watches, under which everything takes ten times as
// long: a tenth of the sequences shows as much of races.
const raced = true
