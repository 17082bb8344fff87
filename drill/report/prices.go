package report

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

// prices is what Amazon charges for a gigabyte sent from a place to another of
// its regions, in US dollars: "Data Transfer OUT From Amazon EC2 To" other
// regions, https://aws.amazon.com/ec2/pricing/on-demand/. The figures are those of
// the year 2022, as skyplane-project/skyplane has them in
// skyplane/data/aws_transfer_costs.csv (commit 3b82dcc). Receiving is free. A pair
// of neighbours that costs less (Virginia and Ohio, one cent) is priced as any other.
//
// They are here to show that bytes have a price and that it depends on where
// they are; they are no quotation.
var prices = map[string]float64{
	"virginia": 0.02, "ohio": 0.02, "oregon": 0.02, "california": 0.02, "montreal": 0.02,
	"são paulo": 0.138, "sao paulo": 0.138,
	"ireland": 0.02, "london": 0.02, "paris": 0.02, "frankfurt": 0.02, "stockholm": 0.02, "milan": 0.02,
	"cape town": 0.147, "bahrain": 0.1105,
	"mumbai": 0.086, "singapore": 0.09, "jakarta": 0.10, "sydney": 0.098,
	"tokyo": 0.09, "osaka": 0.09, "seoul": 0.08, "hong kong": 0.09,
}

// pricedBytes is Amazon's gigabyte: 2^30 bytes.
const pricedBytes = 1 << 30

// egressPrice is the price of a gigabyte sent from a region, by its place; false
// where the table does not have the place.
func egressPrice(f drill.Fleet, region string) (float64, bool) {
	for _, r := range f.Regions {
		if r.Name == region {
			price, known := prices[strings.ToLower(r.Place)]
			return price, known
		}
	}
	return 0, false
}
