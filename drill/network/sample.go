package network

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

type bytesAt struct {
	at     time.Duration
	ab, ba uint64
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
		out.Links = append(out.Links,
			drill.LinkSample{From: a, To: b, Bytes: ab, Rate: rate(ab, last.ab, seconds), Cut: cut.AtoB, Datasets: n.datasetBytes(a, b)},
			drill.LinkSample{From: b, To: a, Bytes: ba, Rate: rate(ba, last.ba, seconds), Cut: cut.BtoA, Datasets: n.datasetBytes(b, a)})
		n.last[l] = bytesAt{at: now, ab: ab, ba: ba}
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
