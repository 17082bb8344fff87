// Package fate says what has become of a write of a person's own words, from what its user was told
// and from where it was found.
package fate

// Fate is what has become of a write.
type Fate string

// The fates. Lost, diverged, exported and back are of writes that were confirmed.
const (
	Waits     Fate = "waits"     // for the answer
	Confirmed Fate = "confirmed" // and no replica was asked yet
	Alone     Fate = "alone"     // the authority alone holds it
	Copied    Fate = "copied"    // others hold it too
	Unknown   Fate = "unknown"   // the authority does not answer
	Lost      Fate = "lost"      // the authority has it not, and nobody who answers has
	Diverged  Fate = "diverged"  // the authority has it not, and a replica that does not lead has
	Exported  Fate = "exported"  // lost, and kept in a file
	Back      Fate = "back"      // the authority has it again
	Altered   Fate = "altered"   // the authority holds it with other contents
	Dropped   Fate = "dropped"   // never confirmed, and nobody holds it
	Stored    Fate = "stored"    // never confirmed, and held all the same
	Doubtful  Fate = "doubtful"  // never confirmed, and not known to be held or not
)

// Gone reports whether the authority has not what was confirmed.
func (f Fate) Gone() bool {
	switch f {
	case Lost, Diverged, Exported, Altered:
		return true
	}
	return false
}

// Trace is where a write was found, by its id and its contents, when every replica was asked.
// Authority led in Epoch then. Exported is the file that keeps it, where a replica cut it as a
// diverged one.
type Trace struct {
	Authority string `json:"authority,omitempty"`
	Epoch     uint64 `json:"epoch"`
	Copies    []Copy `json:"copies"`
	Exported  string `json:"exported,omitempty"`
}

// Copy is what a region's replica answered of a write. One that did not answer may hold it.
type Copy struct {
	Region   string `json:"region"`
	Answered bool   `json:"answered"`
	Held     bool   `json:"held,omitempty"`
	Altered  bool   `json:"altered,omitempty"` // held with other contents than were sent
}

// Holders is the regions that hold it as it was sent.
func (t *Trace) Holders() []string {
	return t.regions(func(c Copy) bool { return c.Held && !c.Altered })
}

// Silent is the regions that did not answer.
func (t *Trace) Silent() []string { return t.regions(func(c Copy) bool { return !c.Answered }) }

func (t *Trace) regions(are func(Copy) bool) (all []string) {
	if t == nil {
		return nil
	}
	for _, c := range t.Copies {
		if are(c) {
			all = append(all, c.Region)
		}
	}
	return all
}
