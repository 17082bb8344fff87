package network

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

type bytesAt struct {
	at     time.Duration
	ab, ba uint64
	// crossed is what had crossed at the samples before, the oldest first.
	crossed [][2]link.Transit
}

// transitSamples is how many samples back the measured transit of a link reaches: five seconds, in which a link that is in
// use at all has been crossed.
const transitSamples = 10

// transitSince is the mean of what crossed since a sample before; nil where nothing did.
func transitSince(was, now link.Transit) *time.Duration {
	reads := now.Reads - was.Reads
	if reads == 0 {
		return nil
	}
	mean := (now.Took - was.Took) / time.Duration(reads)
	return &mean
}

// Sample is every link direction now, with the rate since the sample before. The
// controller's own links are left out: they carry no user and no data.
func (n *Network) Sample() drill.LinksSampled {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.cfg.Now()
	var out drill.LinksSampled
	for _, l := range n.links {
		a, b := l.Ends()
		if a == topology.EndControl {
			continue
		}
		ab, ba := l.Bytes()
		cut, last := l.Cut(), n.last[l]
		rate := func(now, was uint64, seconds float64) float64 {
			if seconds <= 0 {
				return 0
			}
			return float64(now-was) / seconds
		}
		seconds := (now - last.at).Seconds()
		there, back := l.Transits()
		lostAB, lostBA := l.Losses()
		crossed := append(last.crossed, [2]link.Transit{there, back})
		crossed = crossed[max(0, len(crossed)-1-transitSamples):]
		out.Links = append(out.Links,
			telemetry.Link{From: a, To: b, Bytes: ab, Rate: rate(ab, last.ab, seconds), Cut: cut.AtoB, Datasets: n.datasetBytes(a, b), Transit: transitSince(crossed[0][0], there), Resent: lostAB.Segments},
			telemetry.Link{From: b, To: a, Bytes: ba, Rate: rate(ba, last.ba, seconds), Cut: cut.BtoA, Datasets: n.datasetBytes(b, a), Transit: transitSince(crossed[0][1], back), Resent: lostBA.Segments})
		n.last[l] = bytesAt{at: now, ab: ab, ba: ba, crossed: crossed}
	}
	return out
}

// datasetBytes is what has passed from one region to another for each dataset: what its
// relay that way sent, and what its relay the other way answered.
func (n *Network) datasetBytes(from, to string) map[string]uint64 {
	var out map[string]uint64
	for _, d := range n.cfg.Fleet.Datasets {
		there, back := n.data[[3]string{d.Name, from, to}], n.data[[3]string{d.Name, to, from}]
		if there == nil || back == nil {
			continue // of users
		}
		sent, _ := there.Bytes()
		_, answered := back.Bytes()
		if out == nil {
			out = map[string]uint64{}
		}
		out[d.Name] = sent + answered
	}
	return out
}
