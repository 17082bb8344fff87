package cost

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a standby is priced by: a model, to compare strategies with, and no quotation.
const (
	// ServerPrice is US dollars an hour for what runs one web replica or one store: an m5.large on demand with Linux in
	// Virginia, https://aws.amazon.com/ec2/pricing/on-demand/.
	ServerPrice = 0.096
	// StoragePrice is US dollars a month for a gigabyte of snapshots: S3 Standard, the first 50 TB, in Virginia,
	// https://aws.amazon.com/s3/pricing/.
	StoragePrice = 0.023
	// Month is a twelfth of a year of 365 days: 730 hours.
	Month = 730 * time.Hour
)

// Standing is what stands ready for a dataset beside the region that led it first, while nothing is broken. What it would
// cost a month is a model (ServerPrice, StoragePrice, EgressPrices), of what runs there now, or ran when the first fault began,
// and of the bytes that links counted. What is scaled after that is the price of a failover, and not of standing ready for it.
type Standing struct {
	Regions int
	Web     int  // web replicas in those regions
	Stores  int  // that run there
	Kept    bool // a snapshot is kept in place of a store
	// Rate is the bytes a second of the dataset's own that its regions sent each other between the beginning of the steady
	// check and the first fault; not known where links were not sampled twice meanwhile.
	Rate      float64
	RateKnown bool
	USD       *float64 // a month; nil where something of it is not known
}

// StandingOf is a dataset's.
func StandingOf(s *drill.State, d *drill.DatasetState) Standing {
	var out Standing
	first := d.Spec
	for _, file := range s.Fleet.Datasets { // who leads now, and ships where, may be another
		if file.Name == d.Name {
			first = file
		}
	}
	for _, region := range first.Regions {
		if region == first.Authority {
			continue
		}
		out.Regions++
		out.Web += webOf(s, region)
		if first.Mode == topology.ModeBackup {
			out.Kept = true
		} else {
			out.Stores++
		}
	}
	sent, priced := out.rate(s, d.Name)
	if !out.RateKnown || !priced {
		return out
	}
	usd := sent*Month.Seconds() + ServerPrice*Month.Hours()*float64(out.Web+out.Stores)
	if out.Kept {
		lead := d.Replicas[d.Authority]
		if lead == nil {
			return out // how much is kept is not known
		}
		usd += StoragePrice * float64(lead.Bytes) / PricedBytes
	}
	out.USD = &usd
	return out
}

// webOf is how many web replicas a region has: before the first fault what it was scaled to last, else what the file says.
func webOf(s *drill.State, region string) int {
	n := topology.WebReplicas(s.Fleet, region)
	for _, scaled := range s.Scaled {
		if before := len(s.Faults) == 0 || scaled.At < s.Faults[0].From; before && scaled.Region == region {
			n = scaled.Replicas
		}
	}
	return n
}

// rate measures what crossed links while nothing was broken, and says what a second of it costs.
func (out *Standing) rate(s *drill.State, dataset string) (usd float64, priced bool) {
	u := s.Undisturbed
	if u.From == nil || u.To.T <= u.From.T {
		return 0, false
	}
	took := (u.To.T - u.From.T).Seconds()
	before := map[[2]string]uint64{}
	for _, l := range u.From.Links {
		before[[2]string{l.From, l.To}] = l.Datasets[dataset]
	}
	out.RateKnown, priced = true, true
	for _, l := range u.To.Links {
		perSecond := float64(since(l, dataset, before)) / took
		if perSecond == 0 || s.Region(l.From) == nil || s.Region(l.To) == nil {
			continue
		}
		price, known := priceBetween(s, l.From, l.To)
		out.Rate += perSecond
		usd += price * perSecond / PricedBytes
		priced = priced && known
	}
	return usd, priced
}

func since(l telemetry.Link, dataset string, before map[[2]string]uint64) uint64 {
	return l.Datasets[dataset] - min(before[[2]string{l.From, l.To}], l.Datasets[dataset])
}
