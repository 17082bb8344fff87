// Package cost is what the bytes of a drill, and what a company has in their place, would cost to move: bytes are
// measured, prices in US dollars a model. It reads package measure, and is computed once, as all there is.
package cost

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/place"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// EgressPrices is what Amazon charges for a gigabyte sent from a place to another of
// its regions, in US dollars: "Data Transfer OUT From Amazon EC2 To" other
// regions, https://aws.amazon.com/ec2/pricing/on-demand/. The figures are those of
// the year 2022, as skyplane-project/skyplane has them in
// skyplane/data/aws_transfer_costs.csv (commit 3b82dcc). Receiving is free. A pair
// of neighbours that costs less (Virginia and Ohio, one cent) is priced as any other.
// Nothing leaves a place between regions of one cluster, so that is free.
//
// They are here to show that bytes have a price and that it depends on where
// they are; they are no quotation.
var EgressPrices = map[string]float64{
	"virginia": 0.02, "ohio": 0.02, "oregon": 0.02, "california": 0.02, "montreal": 0.02,
	"são paulo": 0.138, "sao paulo": 0.138,
	"ireland": 0.02, "london": 0.02, "paris": 0.02, "frankfurt": 0.02, "stockholm": 0.02, "milan": 0.02,
	"cape town": 0.147, "bahrain": 0.1105,
	"mumbai": 0.086, "singapore": 0.09, "jakarta": 0.10, "sydney": 0.098,
	"tokyo": 0.09, "osaka": 0.09, "seoul": 0.08, "hong kong": 0.09,
	// Sites of the table of places (drill/place) that stand for Oregon, Montreal and Stockholm there.
	"washington": 0.02, "quebec": 0.02, "sweden": 0.02,
}

// PricedBytes is the gigabyte that is charged for: Amazon's has 2^30 bytes.
const PricedBytes = 1 << 30

// EgressPrice is the price in US dollars of a gigabyte sent from a region, by its
// place, or the site of that ("aws:eu-west-1" is at "ireland"); false where the table does not have the place. A model, not a
// measurement.
func EgressPrice(f topology.Fleet, region string) (float64, bool) {
	for _, r := range f.Regions {
		if r.Name == region {
			at := r.Place
			if named, is := place.Find(at); is {
				at = strings.ReplaceAll(named.Site, "-", " ")
			}
			price, known := EgressPrices[strings.ToLower(at)]
			return price, known
		}
	}
	return 0, false
}

// priceBetween is the price of a gigabyte sent from one region to another: nothing inside of a cluster.
func priceBetween(s *drill.State, from, to string) (float64, bool) {
	if a, b := s.Region(from), s.Region(to); a != nil && b != nil && a.Spec.Cluster != "" && a.Spec.Cluster == b.Spec.Cluster {
		return 0, true
	}
	return EgressPrice(s.Fleet, from)
}

// Traffic is bytes that were counted on links, and what a cloud would charge for them: USD is
// a model (EgressPrices), nil where a place has no price.
type Traffic struct {
	Bytes uint64
	USD   *float64
}

func (t *Traffic) add(bytes uint64, price float64, priced bool) {
	t.Bytes += bytes
	if priced && t.USD != nil {
		*t.USD += price * float64(bytes) / PricedBytes
	} else {
		t.USD = nil
	}
}

// Border is what of a dataset crossed from one jurisdiction into another so far.
type Border struct {
	From, To string // jurisdictions; "" is a region that has none
	Traffic
}

// Egress is what of a dataset left its regions so far, as its own relays on the links counted
// it: replication, and writes on their way to the authority. Borders are the parts
// of it that went from one jurisdiction into another, in the order of the fleet's links.
// Known is false until links were sampled, and in a journal whose links do not say which of
// their bytes were a dataset's.
type Egress struct {
	Traffic
	Borders []Border
	Known   bool
}

// EgressOf is a dataset's egress.
func EgressOf(s *drill.State, dataset string) Egress {
	out := Egress{Traffic: Traffic{USD: new(float64)}}
	at := map[[2]string]int{}
	sampled, named, any := false, false, false
	for _, l := range s.Links {
		from, to := s.Region(l.From), s.Region(l.To)
		if from == nil || to == nil {
			continue
		}
		named, any = named || len(l.Datasets) > 0, any || l.Bytes > 0
		sampled = true
		bytes := l.Datasets[dataset]
		price, priced := priceBetween(s, l.From, l.To)
		out.add(bytes, price, priced)
		if from.Spec.Jurisdiction == to.Spec.Jurisdiction {
			continue
		}
		key := [2]string{from.Spec.Jurisdiction, to.Spec.Jurisdiction}
		i, known := at[key]
		if !known {
			i = len(out.Borders)
			at[key] = i
			out.Borders = append(out.Borders, Border{From: key[0], To: key[1], Traffic: Traffic{USD: new(float64)}})
		}
		out.Borders[i].add(bytes, price, priced)
	}
	out.Known = sampled && (named || !any)
	return out
}

// EgressOfAll is that of all datasets together, without borders.
func EgressOfAll(s *drill.State) Egress {
	out := Egress{Traffic: Traffic{USD: new(float64)}, Known: len(s.Datasets) > 0}
	for _, d := range s.Datasets {
		e := EgressOf(s, d.Name)
		out.Bytes, out.Known = out.Bytes+e.Bytes, out.Known && e.Known
		if e.USD == nil || out.USD == nil {
			out.USD = nil
			continue
		}
		*out.USD += *e.USD
	}
	return out
}

// AMillion is the confirmed writes whose egress is priced: that of a drill's own is less than a cent.
const AMillion = 1_000_000

// EgressOfWrites is what the egress of so many confirmed writes would cost in US dollars (EgressPrices, a
// model), if each sent as many bytes as those of the drill did on average. It is not known before the
// ledgers were checked at the end, nor where a place has no price.
func EgressOfWrites(s *drill.State, writes int) (usd float64, known bool) {
	e, w := EgressOfAll(s), measure.FinalWrites(s, "")
	if !e.Known || e.USD == nil || !w.Known || w.Acknowledged == 0 {
		return 0, false
	}
	return *e.USD / float64(w.Acknowledged) * float64(writes), true
}

// PinnedAbroad is the bytes of pinned datasets that left their jurisdiction so far; known
// where the fleet has such a dataset and links were sampled.
func PinnedAbroad(s *drill.State) measure.Count {
	var out measure.Count
	for _, d := range s.Datasets {
		if d.Spec.Mode != topology.ModePinned {
			continue
		}
		e := EgressOf(s, d.Name)
		out.Known = e.Known
		for _, b := range e.Borders {
			if b.From == d.Spec.Jurisdiction {
				out.N += int(b.Bytes)
			}
		}
	}
	return out
}
