package network

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// hold is one reason why directions of links are not as the fleet file has them.
type hold struct {
	name   string
	on     map[*link.Link]link.Directions
	silent bool
	shape  topology.Shape
}

// Isolate silences every link of a region, the controller's too, under a name: a dead
// region sends no FIN. It is false where a hold of that name is there already, which stays.
func (n *Network) Isolate(name, region string) bool {
	on := map[*link.Link]link.Directions{}
	for _, l := range n.links {
		if a, b := l.Ends(); a == region || b == region {
			on[l] = link.Both
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.ContainsFunc(n.holds, func(h hold) bool { return h.name == name }) {
		return false
	}
	n.holds = append(n.holds, hold{name: name, on: on, silent: true})
	n.set(on)
	return true
}

// Silence silences what goes from each pair's first end to its second. The error names a
// pair that no link joins; nothing is held then.
func (n *Network) Silence(name string, ways [][2]string) error {
	on, err := n.directions(ways)
	if err != nil {
		return err
	}
	n.put(hold{name: name, on: on, silent: true})
	return nil
}

// Reshape gives what goes from each pair's first end to its second another shape. Fields
// that are zero stay as they are. The error is as Silence's.
func (n *Network) Reshape(name string, ways [][2]string, shape topology.Shape) error {
	on, err := n.directions(ways)
	if err != nil {
		return err
	}
	n.put(hold{name: name, on: on, shape: shape})
	return nil
}

// Lift ends the hold of a name and leaves the others; false where there is none.
func (n *Network) Lift(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.holds, func(h hold) bool { return h.name == name })
	if i < 0 {
		return false
	}
	was := n.holds[i]
	n.holds = slices.Delete(n.holds, i, i+1)
	n.set(was.on)
	return true
}

// Silent reports whether any direction of the link between two places is silent.
func (n *Network) Silent(a, b string) bool {
	l := n.between(a, b)
	return l != nil && l.Cut() != link.Cut{}
}

// put adds a hold, in place of one that has its name.
func (n *Network) put(h hold) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, old := range n.holds {
		if old.name == h.name {
			n.holds = slices.Delete(n.holds, i, i+1)
			defer n.set(old.on)
			break
		}
	}
	n.holds = append(n.holds, h)
	n.set(h.on)
}

// set brings links to what their holds say. It needs mu.
func (n *Network) set(on map[*link.Link]link.Directions) {
	for l := range on {
		var cut link.Cut
		ab, ba := n.made[l], n.made[l]
		for _, h := range n.holds {
			if h.on[l]&link.AtoB != 0 {
				cut.AtoB = cut.AtoB || h.silent
				ab = link.Shape(h.shape.Over(topology.Shape(ab)))
			}
			if h.on[l]&link.BtoA != 0 {
				cut.BtoA = cut.BtoA || h.silent
				ba = link.Shape(h.shape.Over(topology.Shape(ba)))
			}
		}
		if nowAB, nowBA := l.Shape(); ab != nowAB || ba != nowBA {
			l.Reshape(link.AtoB, ab)
			l.Reshape(link.BtoA, ba)
		}
		if l.Cut() != cut {
			l.SetCut(cut)
		}
	}
}

func (n *Network) directions(ways [][2]string) (map[*link.Link]link.Directions, error) {
	on := map[*link.Link]link.Directions{}
	for _, w := range ways {
		l := n.between(w[0], w[1])
		if l == nil {
			return nil, fmt.Errorf("there is no link between %q and %q", w[0], w[1])
		}
		if a, _ := l.Ends(); a == w[0] {
			on[l] |= link.AtoB
		} else {
			on[l] |= link.BtoA
		}
	}
	return on, nil
}
