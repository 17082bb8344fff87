// Package place is the cloud regions whose round trips are known, as data: the table is measured by a provider between its
// own regions, and stands for those of others at the same site.
package place

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Source says where the round trips are from, and when they were measured.
const Source = "P50 round trips between Azure regions from 21 June to 21 July 2023, as Microsoft publishes them (azure-network-latency, CC BY 4.0); " +
	"regions of other clouds by the site that is theirs or next to it"

const (
	// within is the round trip between two places of one site: what Microsoft gives as the most between availability
	// zones of a region ("less than approximately 2 ms", What are availability zones).
	within = 2 * time.Millisecond
	// lastMile is what users' own access adds to the way from their place: a model, of a wired connection.
	lastMile = 10 * time.Millisecond
)

// Place is a cloud region.
type Place struct {
	Name         string // "aws:us-east-1"
	Site         string // "virginia"
	Jurisdiction string // the law that it is under: "US", "EU"
	at           int    // its site's row
}

//go:embed sites.csv
var sitesFile string

//go:embed places.csv
var placesFile string

// table is what the files say. They are embedded, so that a mistake in them is one of the program.
var table = func() (t struct {
	places []Place
	trips  [][]time.Duration
}) {
	rows, jurisdictions := map[string]int{}, []string{}
	for i, r := range read(sitesFile, 4) {
		var to []time.Duration
		for _, ms := range strings.Fields(r[3]) {
			n, err := strconv.Atoi(ms)
			if err != nil {
				panic(fmt.Sprintf("round trips of %s: %v", r[0], err))
			}
			to = append(to, time.Duration(n)*time.Millisecond)
		}
		if len(to) != i {
			panic(fmt.Sprintf("%s has %d round trips to %d sites", r[0], len(to), i))
		}
		rows[r[0]], t.trips, jurisdictions = i, append(t.trips, to), append(jurisdictions, r[2])
	}
	for _, r := range read(placesFile, 2) {
		at, known := rows[r[1]]
		if !known {
			panic(fmt.Sprintf("%s is at %s, which is no site", r[0], r[1]))
		}
		t.places = append(t.places, Place{Name: r[0], Site: r[1], Jurisdiction: jurisdictions[at], at: at})
	}
	slices.SortFunc(t.places, func(a, b Place) int { return strings.Compare(a.Name, b.Name) })
	return t
}()

// read is the records of a file without its heading.
func read(file string, fields int) [][]string {
	r := csv.NewReader(strings.NewReader(file))
	r.Comment, r.FieldsPerRecord = '#', fields
	all, err := r.ReadAll()
	if err != nil {
		panic(err)
	}
	return all[1:]
}

// All is every place, by name.
func All() []Place { return slices.Clone(table.places) }

// Names is the names of all places.
func Names() []string {
	names := make([]string, len(table.places))
	for i, p := range table.places {
		names[i] = p.Name
	}
	return names
}

// Find finds a place by its name.
func Find(name string) (Place, bool) {
	i, found := slices.BinarySearchFunc(table.places, name, func(p Place, name string) int { return strings.Compare(p.Name, name) })
	if !found {
		return Place{}, false
	}
	return table.places[i], true
}

// Meant reports whether a text is meant as the name of a place, "aws:us-east-1", and is not free text for people.
func Meant(text string) bool {
	provider, region, is := strings.Cut(text, ":")
	return is && region != "" && !strings.Contains(text, " ") && slices.ContainsFunc(table.places, func(p Place) bool { return strings.HasPrefix(p.Name, provider+":") })
}

// RoundTrip is the round trip between two places.
func RoundTrip(a, b Place) time.Duration {
	if a.at == b.at {
		return within
	}
	return table.trips[max(a.at, b.at)][min(a.at, b.at)]
}

// FromUsers is the round trip of users who live at a place to a region at another, or the same: the way between the two and
// the users' own access, which is a model.
func FromUsers(users, region Place) time.Duration { return RoundTrip(users, region) + lastMile }
