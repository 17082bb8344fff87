package report

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// moved is a line for each population that the router sent elsewhere: how often.
func (t Traffic) moved(w io.Writer) {
	label := "sent elsewhere"
	for _, name := range slices.Sorted(maps.Keys(t.Users)) {
		if n := t.Users[name].Moved; n != nil && *n > 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\tby the router\n", label, format.Plural(*n, "time", "times"), name)
			label = ""
		}
	}
}
