package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// What is done to links: which a command names, and how that is proved.

// pairs is the links that a command names, each by its two ends.
func pairs(f drill.Fleet, c drill.Command) [][2]string {
	a, b, _ := c.Endpoints()
	expand := func(end, other string) []string {
		if end != drill.EndOthers {
			return []string{end}
		}
		return append(slices.DeleteFunc(slices.Clone(f.RegionNames()), func(r string) bool { return r == other }), drill.EndControl)
	}
	var out [][2]string
	for _, x := range expand(a, b) {
		for _, y := range expand(b, a) {
			out = append(out, [2]string{x, y})
		}
	}
	return out
}

// directions is the directions of links that a command names, from the first end of each to the
// second: both of each link for Between, one for From and To.
func directions(f drill.Fleet, c drill.Command) [][2]string {
	_, _, oneWay := c.Endpoints()
	var out [][2]string
	for _, p := range pairs(f, c) {
		out = append(out, p)
		if !oneWay {
			out = append(out, [2]string{p[1], p[0]})
		}
	}
	return out
}

// crossable refuses links that nothing crosses as it is: what is done to them could not
// be proved.
func crossable(s *drill.State, c drill.Command) *Refusal {
	for _, p := range pairs(s.Fleet, c) {
		for _, end := range p {
			if s.Region(end) == nil {
				continue // the controller's
			}
			if r := broken(s, end); r != nil {
				r.Why += ", nothing crosses its links"
				return r
			}
		}
		for _, f := range s.Partitions() {
			if f.Heal("").Separates(p[0], p[1]) {
				return refuse("heal it first", "nothing crosses the link %s: it is partitioned", pairName(p)).since(f.Command).by(drill.VerbHeal)
			}
		}
	}
	return nil
}

func pairName(p [2]string) string { return p[0] + "–" + p[1] }

// holdName is the name of the hold that a fault of links has: the same for the command
// that makes it and the one that lifts it, whichever end is named first.
func holdName(kind drill.FaultKind, c drill.Command) string {
	a, b, oneWay := c.Endpoints()
	if oneWay {
		return fmt.Sprintf("%s from %s to %s", kind, a, b)
	}
	return fmt.Sprintf("%s between %s and %s", kind, min(a, b), max(a, b))
}

// linkFault is a fault on the links that a command names.
func linkFault(kind drill.FaultKind, c drill.Command, proof string) drill.FaultProved {
	a, b, oneWay := c.Endpoints()
	c.Verb = drill.Verb(kind)
	return drill.FaultProved{Fault: kind, Between: []string{a, b}, OneWay: oneWay, Shape: c.Shape, Proof: proof, Effect: EffectOf(drill.Fleet{}, c)}
}

// probeTime is how long a probe over a link may take: the handshake and the request, twice
// over, and what a busy region needs. slowAnswer is how much longer is waited before a
// fault, whose proof has to outlast what an answer took.
func probeTime(rtt time.Duration) time.Duration { return 4*rtt + 300*time.Millisecond }

const slowAnswer = 3 * time.Second

// probeBefore asks over each link once, and says how long each answer took. It refuses
// where one gives none: what is done to it would prove nothing.
func probeBefore(ctx context.Context, r Rig, links [][2]string) ([]time.Duration, error) {
	took := make([]time.Duration, len(links))
	for i, p := range links {
		rtt, _, err := r.Network.Probe(ctx, p[0], p[1], probeTime(r.Network.RTT(p[0], p[1]))+slowAnswer)
		if err != nil {
			return nil, refuse("restore or heal what is broken there first", "nothing crosses the link %s: %s; a fault would prove nothing", pairName(p), err)
		}
		took[i] = rtt
	}
	return took, nil
}

// healLimit bounds the wait for a link whose fault was lifted: what was held on it is
// delivered first.
const healLimit = 10 * time.Second

// probeAfter asks over a link until an answer comes, and says how long that one took.
func probeAfter(ctx context.Context, r Rig, p [2]string) (time.Duration, error) {
	limit := r.Events.Now() + healLimit
	for {
		rtt, _, err := r.Network.Probe(ctx, p[0], p[1], probeTime(r.Network.RTT(p[0], p[1])))
		if err == nil || r.Events.Now() > limit || ctx.Err() != nil {
			return rtt, err
		}
		if r.Sleep(ctx, 10*time.Millisecond) != nil {
			return 0, err
		}
	}
}

// liftLinks ends a fault on links and proves it by an answer over each. What another
// reason still silences is left out of the proof.
func liftLinks(ctx context.Context, r Rig, kind drill.FaultKind, c drill.Command) (Proof, error) {
	var links [][2]string
	fault := 0
	r.Events.View(func(s *drill.State) {
		links = pairs(s.Fleet, c)
		links = slices.DeleteFunc(links, func(p [2]string) bool {
			return slices.ContainsFunc(p[:], func(end string) bool { return s.Region(end) != nil && broken(s, end) != nil })
		})
		if f := openFault(s, kind, c); f != nil {
			fault = f.ID
		}
	})
	r.Network.Lift(holdName(kind, c))
	var proof []string
	for _, p := range links {
		if r.Network.Silent(p[0], p[1]) {
			continue
		}
		rtt, err := probeAfter(ctx, r, p)
		if err != nil {
			return Proof{}, failed(string(c.Verb)+" it again", "nothing crosses the link %s yet: %w", pairName(p), err)
		}
		proof = append(proof, fmt.Sprintf("%s answers in %s", pairName(p), rtt.Round(time.Millisecond)))
	}
	text := strings.Join(proof, ", ")
	r.Events.Emit(drill.FaultLifted{ID: fault, Proof: text, Done: doneBy(c.Verb)})
	return Proof{text}, nil
}
