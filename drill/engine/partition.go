package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/link"
)

// border is one direction of a link between two places.
type border struct {
	link     *link.Link
	from, to string
}

// borders are the directions that a command names: both of each link for
// Between, one for From and To. EndOthers is every other region and the controller.
func (n *network) borders(c drill.Command, regions []string) ([]border, error) {
	a, b, oneWay := c.Endpoints()
	expand := func(end, other string) []string {
		if end != drill.EndOthers {
			return []string{end}
		}
		return append(slices.DeleteFunc(slices.Clone(regions), func(r string) bool { return r == other }), drill.EndControl)
	}
	var out []border
	for _, from := range expand(a, b) {
		for _, to := range expand(b, a) {
			l := n.between(from, to)
			if l == nil {
				return nil, fmt.Errorf("there is no link between %q and %q", from, to)
			}
			out = append(out, border{l, from, to})
			if !oneWay {
				out = append(out, border{l, to, from})
			}
		}
	}
	return out, nil
}

func (n *network) between(a, b string) *link.Link {
	for _, l := range n.links {
		if x, y := l.Ends(); x == a && y == b || x == b && y == a {
			return l
		}
	}
	return nil
}

// partition cuts or heals directions of links, apart from what a killed region's
// links are cut for.
func (n *network) partition(borders []border, silent bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, b := range borders {
		cut := n.parted[b.link]
		if x, _ := b.link.Ends(); x == b.from {
			cut.AtoB = silent
		} else {
			cut.BtoA = silent
		}
		n.parted[b.link] = cut
		n.setCut(b.link)
	}
}

// setCut puts together why a link may be cut. Call it with mu held.
func (n *network) setCut(l *link.Link) {
	a, b := l.Ends()
	cut := n.parted[l]
	if n.dark[a] || n.dark[b] {
		cut = link.Cut{AtoB: true, BtoA: true}
	}
	l.SetCut(cut)
}

// crossing is where a request is sent to so that it crosses a link, and the region at its far end.
func (n *network) crossing(l *link.Link) (url, region string) {
	a, b := l.Ends()
	if a == drill.EndControl {
		return "http://" + n.control[b].Addr().String(), b
	}
	return "http://" + n.peers[[2]string{a, b}].Addr().String(), b
}

// partition makes links silent, both ways or one. It counts once a request that
// crossed each link just before gets no answer any more.
func (e *Engine) partition(ctx context.Context, id int, c drill.Command) outcome {
	borders, err := e.net.borders(c, e.cfg.Spec.RegionNames())
	if err != nil {
		return refuse(fmt.Sprintf("the regions are %v; %q is where the controller stands", e.cfg.Spec.RegionNames(), drill.EndControl), err)
	}
	if open := e.partitionOf(c); open != nil {
		return refuse("heal it first", fmt.Errorf("%s is there already", partitionName(open)))
	}
	links := linksOf(borders)
	silent := map[*link.Link]time.Duration{} // for how long each has to be, to prove something
	for _, l := range links {
		began := e.now()
		if err := e.crosses(ctx, l, probeTime(l)+slowAnswer); err != nil {
			return refuse("restore or heal what is broken there first", fmt.Errorf("nothing crosses the link %s: %w; a cut would prove nothing", linkName(l), err))
		}
		silent[l] = max(probeTime(l), 3*(e.now()-began))
	}
	e.predict(id, c)
	from := e.now()
	before := passed(borders)
	e.net.partition(borders, true)
	var proof []string
	for _, l := range links {
		err := e.crosses(ctx, l, silent[l])
		if err == nil || ctx.Err() != nil {
			e.net.partition(borders, false)
			return outcome{err: fmt.Errorf("a request still crosses the link %s", linkName(l)), next: "no fault is counted"}
		}
		if !silence(err) {
			e.net.partition(borders, false)
			return outcome{err: fmt.Errorf("a request over the link %s was answered with an error, not with silence: %w", linkName(l), err), next: "no fault is counted"}
		}
		proof = append(proof, fmt.Sprintf("%s silent for %s", linkName(l), silent[l].Round(time.Millisecond)))
	}
	for i, n := range passed(borders) {
		// What was on its way when the cut came is held, not delivered.
		proof = append(proof, fmt.Sprintf("%d bytes passed %s to %s", n-before[i], borders[i].from, borders[i].to))
	}
	fault := e.orders.fault()
	e.users.OpenImpact(id, from)
	a, b, oneWay := c.Endpoints()
	region := a
	if !e.cfg.Spec.Has(a) {
		region = b
	}
	e.mend.disturb(fault, id, region, from)
	text := strings.Join(proof, ", ")
	e.emit(drill.FaultProved{ID: fault, Fault: drill.FaultPartition, Between: []string{a, b}, OneWay: oneWay, From: from, Proof: text})
	return outcome{proof: text}
}

// heal opens the links again; it is proved by a request that crosses each.
func (e *Engine) heal(ctx context.Context, c drill.Command) outcome {
	open := e.partitionOf(c)
	if open == nil {
		return refuse("", fmt.Errorf("%s is not partitioned", strings.TrimPrefix(c.String(), "heal ")))
	}
	borders, err := e.net.borders(c, e.cfg.Spec.RegionNames())
	if err != nil {
		return refuse("", err)
	}
	e.net.partition(borders, false)
	proof := []string{}
	for _, l := range linksOf(borders) {
		_, b := l.Ends()
		if a, _ := l.Ends(); e.broken(a) || e.broken(b) || l.Cut() != (link.Cut{}) {
			continue // cut for another reason too
		}
		if err := e.awaitCrossing(ctx, l); err != nil {
			return outcome{err: fmt.Errorf("nothing crosses the link %s yet: %w", linkName(l), err), next: "heal it again"}
		}
		proof = append(proof, linkName(l)+" answers")
	}
	text := strings.Join(proof, ", ")
	e.emit(drill.FaultLifted{ID: open.ID, Proof: text})
	return outcome{proof: text}
}

func (e *Engine) broken(region string) bool {
	holds, cordoned := e.fault(region)
	return holds != nil || cordoned
}

// partitionOf is the open partition that a command names.
func (e *Engine) partitionOf(c drill.Command) *drill.Fault {
	var found *drill.Fault
	e.view(func(s *drill.State) {
		for _, f := range s.Partitions() {
			if f.SameCut(c) {
				copied := *f
				found = &copied
			}
		}
	})
	return found
}

func partitionName(f *drill.Fault) string {
	if f.OneWay {
		return "the partition from " + strings.Join(f.Between, " to ")
	}
	return "the partition between " + strings.Join(f.Between, " and ")
}

func linksOf(borders []border) []*link.Link {
	var out []*link.Link
	for _, b := range borders {
		if !slices.Contains(out, b.link) {
			out = append(out, b.link)
		}
	}
	return out
}

func linkName(l *link.Link) string { a, b := l.Ends(); return a + "–" + b }

// passed is the bytes that have passed each direction.
func passed(borders []border) []uint64 {
	out := make([]uint64, len(borders))
	for i, b := range borders {
		ab, ba := b.link.Bytes()
		if from, _ := b.link.Ends(); from == b.from {
			out[i] = ab
		} else {
			out[i] = ba
		}
	}
	return out
}

// probeTime is how long a probe over a link may take: the handshake and the
// request, twice over, and what a busy region needs. slowAnswer is how much longer is
// waited before a cut, whose silence has to outlast what an answer took.
func probeTime(l *link.Link) time.Duration { return 4*l.RTT() + 300*time.Millisecond }

const slowAnswer = 3 * time.Second

// crosses sends one request over the link on a connection of its own.
func (e *Engine) crosses(ctx context.Context, l *link.Link, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	url, region := e.net.crossing(l)
	client, done := probeClient(url, region)
	defer done()
	_, err := client.Health(ctx)
	return err
}

// healLimit bounds the wait for a healed link: what was held on it is delivered first.
const healLimit = 10 * time.Second

func (e *Engine) awaitCrossing(ctx context.Context, l *link.Link) error {
	limit := e.now() + healLimit
	for {
		err := e.crosses(ctx, l, probeTime(l))
		if err == nil || e.now() > limit || ctx.Err() != nil {
			return err
		}
		if sleep(ctx, 10*time.Millisecond) != nil {
			return err
		}
	}
}

// silence says of an error that nothing came back at all.
func silence(err error) bool {
	var answered *wire.Error
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &answered)
}
