// Package controller is the failover controller: for each dataset it renews the
// authority's lease, moves the authority when its region is lost or the operator
// asks, and brings replicas back to it.
//
// Decide is the whole of the judgement and pure: from what was known and what was heard
// it makes what is known now and what is to be done. A Controller runs it: one goroutine
// hands it observations in turn and starts the steps that it asks for, each in a goroutine
// of its own, and the result of a step comes back as an observation. Nothing waits inside a
// decision, so a move that takes half a minute holds up neither a failover nor an answer.
//
// The runner, in the folder below, says which locks there are and in which order.
package controller
