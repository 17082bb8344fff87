package comparison

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Unit is what a number counts, and with it from when on two of it are not the same.
type Unit string

// The units, as they are named in JSON. A word has no value.
const (
	Word    Unit = "word"
	Moment  Unit = "moment" // a word that is another in every run, and no difference
	Seconds Unit = "s"
	Latency Unit = "latency_s"
	Share   Unit = "share"
	Count   Unit = "count"
	Pieces  Unit = "pieces" // counted without chance
	Bytes   Unit = "bytes"
	Dollars Unit = "USD"
)

// margin is by how much two runs of one drill on one fleet may differ by chance: what is more, and more
// than a share of the larger number, is a difference.
type margin struct{ least, share float64 }

// margins are above what eight runs of lose-a-cluster on three-regions differed by, on two processors that
// compiled meanwhile: recovery by 1.3 s or 21 %, users affected in one population by 11 points or 27 %, typical
// answers by 64 ms, bytes by 21 %. How many writes are lost goes by the moment of the fault: a handful is chance.
var margins = map[Unit]margin{
	Seconds: {measure.Resolution.Seconds(), 0.25},
	Latency: {(70 * time.Millisecond).Seconds(), 0.25},
	Share:   {0.05, 0.30},
	Count:   {5, 0.25},
	Pieces:  {},
	Bytes:   {1024, 0.25},
	Dollars: {0.005, 0.25},
}

// apart is the sign of a-b, and 0 where they are as good as the same.
func (u Unit) apart(a, b Cell) int {
	m := margins[u]
	d := *a.Value - *b.Value
	switch {
	case math.Abs(d) <= max(m.least, m.share*max(math.Abs(*a.Value), math.Abs(*b.Value))):
		return 0
	case d < 0 && a.AtLeast, d > 0 && b.AtLeast: // the smaller one may be as large
		return 0
	case d < 0:
		return -1
	}
	return 1
}

// differ reports whether any two of some cells are not the same. Where one has a value and another says
// why there is none, they are not.
func (u Unit) differ(cells []Cell) bool {
	if u == Moment {
		return false
	}
	for i, a := range cells {
		for _, b := range cells[:i] {
			switch {
			case a.Value == nil || b.Value == nil:
				if a.Text != b.Text && a.told() && b.told() {
					return true
				}
			case u.apart(a, b) != 0:
				return true
			}
		}
	}
	return false
}
