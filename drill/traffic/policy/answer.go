package policy

import "slices"

// Share is the part of a population's requests, from 0 to 1, that goes to a region.
type Share struct {
	Region string
	Part   float64
}

// Answer is where a population's requests go: Shares add up to 1, each of another region, none of them 0. It has none
// where nobody may serve, for the reason Err.
type Answer struct {
	Shares []Share
	Err    error
}

// all is the answer that everybody goes to one region; "" is that no region is up.
func all(region string) Answer {
	if region == "" {
		return Answer{Err: ErrNoRegion}
	}
	return Answer{Shares: []Share{{Region: region, Part: 1}}}
}

// Main is the region with the largest share, the first of equals; "" where there is none.
func (a Answer) Main() string {
	best := Share{}
	for _, s := range a.Shares {
		if s.Part > best.Part {
			best = s
		}
	}
	return best.Region
}

// Part is a region's share.
func (a Answer) Part(region string) float64 {
	for _, s := range a.Shares {
		if s.Region == region {
			return s.Part
		}
	}
	return 0
}

// Has reports whether requests go to a region.
func (a Answer) Has(region string) bool { return a.Part(region) > 0 }

// Equal reports whether two answers say the same.
func (a Answer) Equal(b Answer) bool { return slices.Equal(a.Shares, b.Shares) && a.Err == b.Err }

// Parts is the shares by region where they are of several; nil else.
func (a Answer) Parts() map[string]float64 {
	if len(a.Shares) < 2 {
		return nil
	}
	parts := map[string]float64{}
	for _, s := range a.Shares {
		parts[s.Region] = s.Part
	}
	return parts
}

// Draw is where one request goes; draw is from 0 to below 1, each value as likely as another.
func (a Answer) Draw(draw float64) string {
	if len(a.Shares) == 0 {
		return ""
	}
	for _, s := range a.Shares {
		if draw -= s.Part; draw < 0 {
			return s.Region
		}
	}
	return a.Shares[len(a.Shares)-1].Region // what rounding left
}

// Ramped is the answer while some regions have a part only of their share: part says which, 1 is all of it. What they lack
// goes where without says, the answer without those regions; where that is nowhere they keep it.
func (a Answer) Ramped(part func(region string) float64, without Answer) Answer {
	if len(without.Shares) == 0 {
		return a
	}
	parts, lacks := map[string]float64{}, 0.0
	for _, s := range a.Shares {
		kept := s.Part * part(s.Region)
		parts[s.Region] += kept
		lacks += s.Part - kept
	}
	if lacks == 0 {
		return a
	}
	out := Answer{}
	for _, s := range without.Shares {
		parts[s.Region] += lacks * s.Part
	}
	for _, s := range append(slices.Clone(a.Shares), without.Shares...) {
		if p := parts[s.Region]; p > 0 && !out.Has(s.Region) {
			out.Shares = append(out.Shares, Share{Region: s.Region, Part: p})
		}
	}
	return out
}

// Mixed is where requests go of which a part has moved.
func Mixed(before, after []Share, moved float64) []Share {
	to := make([]Share, 0, len(before)+len(after))
	add := func(shares []Share, part float64) {
		for _, s := range shares {
			s.Part *= part
			if i := slices.IndexFunc(to, func(has Share) bool { return has.Region == s.Region }); i >= 0 {
				to[i].Part += s.Part
			} else {
				to = append(to, s)
			}
		}
	}
	add(before, 1-moved)
	add(after, moved)
	return to
}
