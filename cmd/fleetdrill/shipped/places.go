package shipped

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/place"
)

// placesName is what `show` prints the table of places by.
const placesName = "places"

// printPlaces prints the cloud regions whose round trips are known, and those between their sites.
func printPlaces(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "place\tsite\tjurisdiction")
	var sites []place.Place // one place of each
	for _, p := range place.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.Name, p.Site, p.Jurisdiction)
		if !slices.ContainsFunc(sites, func(q place.Place) bool { return q.Site == p.Site }) {
			sites = append(sites, p)
		}
	}
	fmt.Fprintln(table, "\nround trips in ms\tto the sites above, in their order")
	for i, p := range sites {
		fmt.Fprintf(table, "%s\t", p.Site)
		for _, q := range sites[:i] {
			fmt.Fprintf(table, "%4d", place.RoundTrip(p, q)/time.Millisecond)
		}
		fmt.Fprintln(table)
	}
	fmt.Fprintf(table, "\n%s.\n", place.Source)
	return table.Flush()
}
