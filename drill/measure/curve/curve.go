// Package curve is what a drill measured over time, from a little before what was first done to its fleet: which share of
// requests was answered, and how soon compute and data were where they were to be. Times count from then, shares go from 0
// to 1, and what was not measured is unknown, never 0.
package curve

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/series"
)

// Kind is what a line is of.
type Kind string

// The kinds of lines.
const (
	Requests Kind = "requests" // the share of a population's requests that was answered, of those that came to an end
	Compute  Kind = "compute"  // the share of a region's web replicas that served
	Data     Kind = "data"     // the share of a dataset's bytes that a region had stored
)

// Line is one thing over time.
type Line struct {
	Kind Kind
	// Name is the population, or the region; "" is all populations together.
	Name string
	// Dataset is which one a line of data is of, and Whole how much a share of 1 is: web replicas, or bytes.
	Dataset string
	Whole   int64
	// Points follow one another, each Width long.
	Width  time.Duration
	Points []Point
}

// Point is what was measured in the span that begins At, since the fault; before it At is negative.
type Point struct {
	At    time.Duration
	Share float64
	Known bool
}

// Mark is where a fault began to affect users, or, Over, was lifted; At counts as those of points do.
type Mark struct {
	At    time.Duration
	Fault *drill.Fault
	Over  bool
}

// Curve is lines over the same time, and what was done meanwhile.
type Curve struct {
	Lines []Line
	Marks []Mark
}

// before and after are how long a curve shows of what was ordinary.
const before, after = 3 * time.Second, 5 * time.Second

// ordinary is the share from which on a line is counted as back: what chance leaves out is no trouble.
const ordinary = 0.995

// Began is when something was first done to the fleet: when the first fault could affect a user, or else the first command
// was begun that takes something away or names a region or a dataset; false where nothing was done.
func Began(s *drill.State) (time.Duration, bool) {
	if len(s.Faults) > 0 {
		first := slices.MinFunc(s.Faults, func(a, b *drill.Fault) int { return int(a.From - b.From) })
		return first.From, true
	}
	for _, c := range s.Commands {
		if named := c.Command.Region != "" || c.Command.Dataset != ""; (named || !c.Effect.IsZero()) && c.Error == "" {
			return c.Began, true
		}
	}
	return 0, false
}

// Until is how far the lines reach.
func (c Curve) Until() (end time.Duration) {
	for _, l := range c.Lines {
		if n := len(l.Points); n > 0 {
			end = max(end, l.Points[n-1].At+l.Width)
		}
	}
	return end
}

// From is where the lines begin.
func (c Curve) From() (begin time.Duration) {
	for _, l := range c.Lines {
		if len(l.Points) > 0 {
			begin = min(begin, l.Points[0].At)
		}
	}
	return begin
}

// Over is what a line was on average in a span, by how much of each point is in it: of what was measured; not known where
// nothing was.
func (l Line) Over(from, to time.Duration) (share float64, known bool) {
	var sum, all time.Duration
	for _, p := range l.Points {
		if in := min(to, p.At+l.Width) - max(from, p.At); p.Known && in > 0 {
			sum, all = sum+time.Duration(p.Share*float64(in)), all+in
		}
	}
	if all == 0 {
		return 0, false
	}
	return float64(sum) / float64(all), true
}

// Least is the least that a line was since the fault; not known where nothing was measured.
func (l Line) Least() (share float64, known bool) {
	for _, p := range l.Points {
		if p.Known && p.At+l.Width > 0 && (!known || p.Share < share) {
			share, known = p.Share, true
		}
	}
	return share, known
}

// settled is until when a line is of interest: a little after it was last below what is ordinary.
func (l Line) settled() (end time.Duration) {
	for _, p := range l.Points {
		if p.Known && p.Share < ordinary {
			end = p.At + l.Width
		}
	}
	return end + after
}

// cut is the curve without what comes after all of it is as before.
func (c Curve) cut() Curve {
	var end time.Duration
	for _, l := range c.Lines {
		end = max(end, l.settled())
	}
	for i, l := range c.Lines {
		c.Lines[i].Points = slices.DeleteFunc(slices.Clone(l.Points), func(p Point) bool { return p.At >= end })
	}
	c.Marks = slices.DeleteFunc(c.Marks, func(m Mark) bool { return m.At >= end })
	return c
}

// pointsOf is a series from a little before a moment on, each point made a share.
func pointsOf[P interface {
	Join(P) P
	Part(i, n int) P
}](of series.Of[P], began time.Duration, share func(i int, p P) (float64, bool)) (all []Point) {
	for i, p := range of.Points {
		at := time.Duration(i)*of.Width - began
		if at+of.Width <= -before {
			continue
		}
		v, known := share(i, p)
		all = append(all, Point{At: at, Share: v, Known: known})
	}
	return all
}

// marks is what the faults of a drill did, in order.
func marks(s *drill.State, began time.Duration) (all []Mark) {
	for _, f := range s.Faults {
		all = append(all, Mark{At: f.From - began, Fault: f})
		if f.Lifted != nil {
			all = append(all, Mark{At: *f.Lifted - began, Fault: f, Over: true})
		}
	}
	slices.SortStableFunc(all, func(a, b Mark) int { return int(a.At - b.At) })
	return all
}
