package control

import "github.com/fleetdrill/fleetdrill/drill/fate"

// Judge has what a write's fate says agree with what its replicas answered just now: what was known of it is older, and two answers
// in one contradict each other.
func (e *Entry) Judge(w *fate.Write) {
	found := &fate.Trace{Authority: e.Authority, Epoch: e.Epoch}
	if w.Trace != nil {
		found.Exported = w.Trace.Exported
	}
	for _, r := range e.Replicas {
		found.Copies = append(found.Copies, fate.Copy{Region: r.Region, Answered: r.Answered, Held: r.Held, Altered: r.Held && string(r.Payload) != w.Text})
	}
	w.Trace = found
	last := w.Fates[len(w.Fates)-1]
	w.Judge(last.At, last.Seq)
}
