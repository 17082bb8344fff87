package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// servedAgain is a line for each population: how long after a fault all of its requests were answered again; one for all where
// none failed.
func (t Traffic) servedAgain(w io.Writer) {
	known, interrupted := false, false
	for _, u := range t.Users {
		known = known || u.ServedAgain != nil
		interrupted = interrupted || u.ServedAgainAtLeast != nil || u.ServedAgain != nil && *u.ServedAgain > 0
	}
	if !interrupted {
		if known {
			fmt.Fprintf(w, "served\tall along\tno request failed by a fault\n")
		}
		return
	}
	label := "served again"
	for _, name := range slices.Sorted(maps.Keys(t.Users)) {
		u, took, how := t.Users[name], "", ""
		switch {
		case u.ServedAgainAtLeast != nil:
			took, how = "at least "+in(u.ServedAgainAtLeast), "after the fault, of which users had not recovered"
		case u.ServedAgain == nil:
			continue
		case *u.ServedAgain == 0:
			took, how = "all along", "no request failed by a fault"
		default:
			took, how = in(u.ServedAgain), "after the fault, at the longest"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", label, took, name, how)
		label = ""
	}
}
