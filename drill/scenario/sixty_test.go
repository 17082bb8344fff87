package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// A fleet of sixty regions, which one laptop runs as local processes, has 1,770 links.
func TestAFleetOfSixtyRegionsIsTaken(t *testing.T) {
	const n = 60
	var regions, links, names []string
	for i := range n {
		name := fmt.Sprintf("r%02d", i)
		for _, other := range names {
			links = append(links, fmt.Sprintf("  - {between: [%s, %s], rtt: 20ms}\n", other, name))
		}
		regions, names = append(regions, "  - {name: "+name+"}\n"), append(names, name)
	}
	s := parse("f.yaml", []byte("name: sixty\nregions:\n"+strings.Join(regions, "")+"links:\n"+strings.Join(links, "")+
		"users:\n  - {name: people, count: 1000, rate: 10/s, writes: 25%, rtt: {"+strings.Join(names, ": 10ms, ")+": 10ms}}\n"+
		"datasets:\n  - {name: orders, mode: async, authority: r00, regions: ["+strings.Join(names, ", ")+"]}\n"))
	f := readFleet(s)
	if err := s.err(); err != nil || len(f.Regions) != n || len(f.Links) != n*(n-1)/2 {
		t.Errorf("%d regions, %d links: %v", len(f.Regions), len(f.Links), err)
	}
}
