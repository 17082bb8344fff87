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
// # Lock order
//
// Three locks, none held while another is taken:
//
//   - inbox.mu guards the observations that wait. Acked, Heard, Judged and Command take
//     it for an append and are safe to call under anybody's lock, the event bus's too.
//   - Controller.mu guards the last memory, for readers outside the loop. A memory is
//     never changed once it is there.
//   - Watch.mu guards the regions' last answers and the placements.
//
// The event bus's own lock is taken by Emit and View with none of these held, and a
// function given to View only reads: it changes nothing of a controller.
//
// # Goroutines
//
// Run owns the loop and every step's goroutine, and returns when all have ended.
package controller
