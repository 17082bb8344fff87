package drill

import "strings"

// EgressPrices is what Amazon charges for a gigabyte sent from a place to another of
// its regions, in US dollars: "Data Transfer OUT From Amazon EC2 To" other
// regions, https://aws.amazon.com/ec2/pricing/on-demand/. The figures are those of
// the year 2022, as skyplane-project/skyplane has them in
// skyplane/data/aws_transfer_costs.csv (commit 3b82dcc). Receiving is free. A pair
// of neighbours that costs less (Virginia and Ohio, one cent) is priced as any other.
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
}

// PricedBytes is the gigabyte that is charged for: Amazon's has 2^30 bytes.
const PricedBytes = 1 << 30

// EgressPrice is the price in US dollars of a gigabyte sent from a region, by its
// place; false where the table does not have the place. A model, not a measurement.
func (f Fleet) EgressPrice(region string) (float64, bool) {
	for _, r := range f.Regions {
		if r.Name == region {
			price, known := EgressPrices[strings.ToLower(r.Place)]
			return price, known
		}
	}
	return 0, false
}

// Border is what of a dataset crossed from one jurisdiction into another so far.
type Border struct {
	From, To string // jurisdictions; "" is a region that has none
	Bytes    uint64
	// USD is what a cloud would charge for it (EgressPrices): a model. Nil where a place has no price.
	USD *float64
}

// Borders is the bytes of a dataset that crossed each border, as its own relays
// on the links counted them, in the order of the fleet's links. A pair of regions of
// one jurisdiction is no border.
func (s *State) Borders(dataset string) []Border {
	var out []Border
	at := map[[2]string]int{}
	for _, l := range s.Links {
		from, to := s.Region(l.From), s.Region(l.To)
		if from == nil || to == nil || from.Spec.Jurisdiction == to.Spec.Jurisdiction {
			continue
		}
		key := [2]string{from.Spec.Jurisdiction, to.Spec.Jurisdiction}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, Border{From: key[0], To: key[1], USD: new(float64)})
		}
		b := &out[i]
		b.Bytes += l.Datasets[dataset]
		if price, priced := s.Fleet.EgressPrice(l.From); priced && b.USD != nil {
			*b.USD += price * float64(l.Datasets[dataset]) / PricedBytes
		} else {
			b.USD = nil
		}
	}
	return out
}
