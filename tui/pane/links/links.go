// Package links draws the links of a fleet: how far its places are from each other, and what crosses
// between them.
package links

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// linkRow is a pair with what flows each way; nil where it was not sampled.
type linkRow struct {
	a, b    string
	users   bool
	out, in *telemetry.Link
}

// linkRows is every pair of regions, then each population's ways to regions.
func linkRows(s *drill.State) []linkRow {
	var rows []linkRow
	sampled := make(map[[2]string]*telemetry.Link, len(s.Links)) // sixty regions have 4,000
	for i := range s.Links {
		sampled[[2]string{s.Links[i].From, s.Links[i].To}] = &s.Links[i]
	}
	sample := func(from, to string) *telemetry.Link { return sampled[[2]string{from, to}] }
	for _, l := range s.Fleet.Links {
		a, b := l.Between[0], l.Between[1]
		rows = append(rows, linkRow{a: a, b: b, out: sample(a, b), in: sample(b, a)})
	}
	for _, p := range s.Fleet.Users {
		for _, r := range s.Fleet.Regions {
			out, in := sample(p.Name, r.Name), sample(r.Name, p.Name)
			if out != nil || in != nil {
				rows = append(rows, linkRow{a: p.Name, b: r.Name, users: true, out: out, in: in})
			}
		}
	}
	return rows
}

// linkCols is where the columns of the table of links end, by its width.
type linkCols struct{ a, b, rtt, out, in, total int }

// Draw draws the distances of all regions as a heat map, and below it what crosses each link, from one of them on.
func Draw(a canvas.Area, sc show.Scene, from int) {
	rows := linkRows(sc.State)
	if len(rows) == 0 {
		a.Text(0, 0, style.Label, "this fleet has no links")
		return
	}
	heat, table := distanceRows(sc), linkColumns(show.NameWidth(sc.State, 10)).in
	switch w := distanceCols(sc); {
	case a.H >= heat+1+len(sc.State.Fleet.Links)+2 || a.H >= heat+8:
		drawDistances(a.Rows(0, heat), sc)
		a = a.Rows(heat+1, a.H-heat-1)
	case a.H >= heat && a.W >= table+3+w:
		drawDistances(a.Sub(a.W-w, 0, w, a.H), sc)
		a = a.Sub(0, 0, table, a.H)
	}
	drawLinkTable(a, sc, rows, from)
}

// linkColumns is where the columns end beside names of a width.
func linkColumns(name int) linkCols {
	c := linkCols{a: 0, b: name + 3}
	c.rtt = c.b + name + 11
	c.out = c.rtt + 11
	c.in = c.out + 11
	c.total = c.in + 11
	return c
}

// drawLinkTable is a row a link with the bytes that cross it in each direction, from one of them on.
func drawLinkTable(a canvas.Area, sc show.Scene, rows []linkRow, from int) {
	name := show.NameWidth(sc.State, 10)
	c := linkColumns(name)
	a.Right(c.rtt, 0, style.Label, "simulated")
	a.Right(c.out, 0, style.Label, "→ per s")
	if c.in <= a.W {
		a.Right(c.in, 0, style.Label, "← per s")
	}
	if c.total <= a.W {
		a.Right(c.total, 0, style.Label, "in all")
	}
	y := 1
	gap := len(rows)+2 > a.H
	room := a.H - 1
	from = max(0, min(from, len(rows)-room))
	for i, r := range rows[from:] {
		if r.users && !gap {
			gap = true
			y++
		}
		if left := len(rows) - from - i; y == a.H-1 && left > 1 {
			a.Fit(0, y, a.W, style.Label, fmt.Sprintf("… and %s%s", format.Plural(left, "link", "links"), show.Hint(", ", sc.Hints.ScrollOn, "goes on")))
			return
		}
		drawLinkRow(a, sc, r, c, name, y)
		y++
	}
}

func drawLinkRow(a canvas.Area, sc show.Scene, r linkRow, c linkCols, name, y int) {
	link := show.LinkBetween(sc.State, r.a, r.b)
	sign, st := sc.Theme.Glyphs.Syncing, style.Label
	if r.users {
		sign = "→"
	}
	if (r.out != nil && r.out.Cut) || (r.in != nil && r.in.Cut) || (!r.users && link.Cut) {
		sign, st = sc.Theme.Glyphs.Down, style.DangerBold
	}
	a.Fit(c.a, y, name, style.Text, r.a)
	a.Text(name+1, y, st, sign)
	a.Fit(c.b, y, name, style.Text, r.b)
	rtt, rttStyle := link.RTT, style.Text
	if link.Shaped {
		rttStyle = style.Caution
	}
	if r.users {
		rtt = format.None
		if p, ok := sc.State.Fleet.Population(r.a); ok {
			if d, ok := p.RTT[r.b]; ok {
				rtt = format.Span(d)
			}
		}
	}
	a.Right(c.rtt, y, rttStyle, rtt)
	var total uint64
	rate := func(x int, s *telemetry.Link) {
		text, st := format.Unknown, style.Label
		if s != nil {
			total += s.Bytes
			text, st = format.Rate(s.Rate), style.Text
			if s.Rate == 0 {
				st = style.Label
			}
			if s.Cut {
				text, st = "cut", style.Danger
			}
		}
		a.Right(x, y, st, text)
	}
	rate(c.out, r.out)
	if c.in <= a.W {
		rate(c.in, r.in)
	}
	if c.total <= a.W {
		a.Right(c.total, y, style.Label, format.Bytes(total))
	}
	if bw := show.Bandwidth(sc.State, r.a, r.b); !r.users && bw != "" && c.total+14 <= a.W {
		a.Text(c.total+2, y, style.Label, "of "+bw)
	}
}
