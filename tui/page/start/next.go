package start

// Next is the drill that is listed after another, the first after a free one; false after the last.
func (p *Page) Next(drill string) (DrillChoice, bool) {
	past := drill == ""
	for _, i := range newListing(p.Drills, p.Questions, "").items {
		d := p.Drills[i.drill]
		if i.first || d.Name == "" || d.Err != nil { // told again below, or no drill
			continue
		}
		if past {
			return d, true
		}
		past = d.Name == drill
	}
	return DrillChoice{}, false
}
