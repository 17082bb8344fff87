package past

import (
	"fmt"
	"io"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// Tell says after the screen has closed what a drill came to, from its journal, and where that is.
func Tell(out io.Writer, path string) {
	if l, err := journal.Load(path); err == nil { // else the journal's path is all there is to say
		s := StateOf(l)
		name, word, why := format.FreeDrill, "", ""
		if word, why = format.Outcome(s); s.Plan != nil {
			name = s.Plan.Name
		}
		if word == format.FreeDrill { // which is its name already
			word, why = why, ""
		}
		if why != "" {
			word += ": " + why
		}
		fmt.Fprintf(out, "%s on %s, %s\n", name, s.Fleet.Name, word)
		if warning := format.Unasked(s); warning != "" {
			fmt.Fprintf(out, "  %s\n", warning)
		}
		for _, remark := range l.Remarks() {
			fmt.Fprintf(out, "  this journal: %s\n", remark)
		}
		for _, line := range format.Story(s) {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	TellJournal(out, path)
	fmt.Fprintf(out, "its report: fleetdrill report %s\n", clean.Text(fleet.Quoted(path)))
}

// TellJournal says where the only record of a drill is, however it ended.
func TellJournal(out io.Writer, path string) { fmt.Fprintf(out, "journal: %s\n", clean.Text(path)) }
