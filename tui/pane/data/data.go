// Package data draws what a dataset is doing: who leads it, what of it is stored where, what was lost,
// who copies what they lack, and what its writes take and cost.
package data

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
	"github.com/fleetdrill/fleetdrill/tui/written"
)

// engineTitle is a dataset's engine as people know it: the server's name, or that it is the program's own.
func engineTitle(name string) string {
	switch e, known := store.EngineOf(name); {
	case !known:
		return name
	case e.Server != nil:
		return e.Server.Title
	}
	return "built-in " + name
}

// Title is the dataset in focus, what a confirmed write of it is guaranteed, and its engine.
func Title(sc show.Scene) (title, note string) {
	d := sc.Chosen()
	if d == nil {
		return "Data", ""
	}
	note = engineTitle(d.Spec.Engine)
	if n := len(sc.State.Datasets); n > 1 {
		note += fmt.Sprintf(" · %d of %d", slices.Index(sc.State.Datasets, d)+1, n) + show.Hint(", ", sc.Hints.NextDataset, "next")
	}
	return fmt.Sprintf("Data – %s · %s", d.Name, d.Spec.Durability()), note
}

// Draw draws the dataset in focus: who leads it, what is lost, its replicas, and what its writes take and cost.
func Draw(a canvas.Area, sc show.Scene) {
	d := sc.Chosen()
	if d == nil {
		a.Text(0, 0, style.Label, "this fleet has no datasets")
		return
	}
	drawLeaders(a, sc, d)
	durable := drawDurability(a.Rows(1, max(a.H-1, 0)), sc, d)
	a = a.Rows(durable, max(a.H-durable, 0))
	Lost(a, sc, d, 1)
	rows := len(d.Spec.Regions)
	if rows > fleetmap.Pictured { // so many leave a row to writes' latency, and one to borders or a copy
		rows = min(rows, max(a.H-3-2, 1))
	}
	rows = min(rows, max(a.H-3, 1))
	drawReplicas(a.Rows(2, rows+1), sc, d)
	y := 3 + rows
	if y < a.H {
		y += drawCopies(a, sc, d, y)
		y += drawSnapshots(a, sc, d, y)
	}
	if y+1 < a.H {
		y += drawDiscovery(a.Rows(y, a.H-y-1), sc, d)
	}
	y += written.Lines(a.Rows(y, max(a.H-y-2, min(a.H-y, 1))), sc.State, sc.Theme.Glyphs, d.Name)
	y += drawWriteLatency(a, sc, d, y)
	y += drawReads(a, sc, d, y)
	if y < a.H {
		y += drawBorders(a, sc, d, y)
	}
	if y < a.H {
		drawReturns(a, sc, d, y)
	}
}

// drawLeaders is who takes the dataset's writes, and how many of them are stored nowhere else. Where that has no
// room for all of its words, those go first that say least: how it is with the leader is never cut.
func drawLeaders(a canvas.Area, sc show.Scene, d *drill.DatasetState) {
	leaders := measure.Leaders(d)
	switch len(leaders) {
	case 0:
		risk := riskTexts(sc, d)
		x := drawRisk(a, risk[len(risk)-1])
		a.Line(0, 0, x-2, canvas.S(style.DangerBold, sc.Theme.Glyphs.Down+" no leader"), canvas.S(style.Label, "  nothing can be written"))
		return
	case 1:
	default: // two need the whole line, and neither knows what the other has
		spans := leaderSpans(sc, leaders, "  leader, ")
		if canvas.SpansWidth(spans) > a.W {
			spans = leaderSpans(sc, leaders, "  ")
		}
		a.Line(0, 0, a.W, spans...)
		return
	}
	fits := func(before string, beside canvas.Span, risk []canvas.Span) bool {
		spans := append(leaderSpans(sc, leaders, before), beside)
		if canvas.SpansWidth(spans)+2+canvas.SpansWidth(risk) > a.W {
			return false
		}
		drawRisk(a, risk)
		a.Line(0, 0, a.W, spans...)
		return true
	}
	beside, risks := awayWords(sc, leaders[0].Region), riskTexts(sc, d)
	if len(beside) == 0 {
		if d.Was != "" && fits("  leader, ", canvas.S(style.Label, "  was "+d.Was), risks[0]) {
			return
		}
		beside = []canvas.Span{{}}
	}
	for _, words := range beside {
		for _, risk := range risks {
			if fits("  leader, ", words, risk) || fits("  ", words, risk) {
				return
			}
		}
	}
	a.Line(0, 0, a.W, leaderSpans(sc, leaders, "  ")...)
}

// awayWords is how a region is that does not serve, in several lengths; none where it does, or is on its way.
func awayWords(sc show.Scene, region string) (spans []canvas.Span) {
	r := sc.State.Region(region)
	if r == nil || r.Health.Answers() || r.Health == drill.HealthCordoned || r.Health == drill.HealthStarting {
		return nil
	}
	st := show.StandingOf(sc.State, r, sc.Theme.Glyphs)
	for _, words := range st.Words {
		spans = append(spans, canvas.S(st.Style, "  "+st.Sign+" "+words))
	}
	return spans
}

func leaderSpans(sc show.Scene, leaders []measure.Leader, before string) (spans []canvas.Span) {
	for i, l := range leaders {
		if i > 0 {
			spans = append(spans, canvas.S(style.Label, "  and  "))
		}
		spans = append(spans, canvas.S(style.Star, sc.Theme.Glyphs.Star+" "+l.Region), canvas.S(style.Text, before+format.Term(l.Epoch)))
	}
	return spans
}

// riskTexts is how many writes would be lost if the leader died now, in several lengths. A digit more does not move
// what is beside it.
func riskTexts(sc show.Scene, d *drill.DatasetState) [][]canvas.Span {
	if d.AtRisk == nil {
		st, text := style.Label, format.Unknown
		if d.AtRiskAge > 0 && sc.Now-d.AtRiskAge >= time.Second {
			st, text = style.Caution, format.Unknown+" for "+sc.Age(d.AtRiskAge)
		}
		return [][]canvas.Span{{canvas.S(st, "stored nowhere else: "+text)}, {canvas.S(st, "at risk: "+text)}}
	}
	st := style.Text
	if *d.AtRisk > 0 {
		st = style.CautBold
	}
	count := canvas.S(st, fmt.Sprintf("%9s", format.Plural(*d.AtRisk, "write", "writes")))
	return [][]canvas.Span{
		{count, canvas.S(style.Label, " stored nowhere else yet")},
		{count, canvas.S(style.Label, " nowhere else yet")},
		{count, canvas.S(style.Label, " at risk")},
	}
}

// drawRisk draws such a text at the right end, and returns the column where it begins.
func drawRisk(a canvas.Area, risk []canvas.Span) (x int) {
	x = max(a.W-canvas.SpansWidth(risk), 0)
	a.Line(x, 0, a.W, risk...)
	return x
}

// Lost is what is known to be lost of a dataset's confirmed writes.
func Lost(a canvas.Area, sc show.Scene, d *drill.DatasetState, y int) {
	lost, changed := measure.Lost(sc.State, d.Name), measure.Altered(sc.State, d.Name)
	since := measure.Checked(sc.State, d.Name)
	if !lost.Known || !since && lost.N == 0 && changed == 0 {
		a.Line(0, y, a.W, canvas.S(style.Label, format.NotChecked(sc.State, " (counted after a failover)")))
		return
	}
	x := a.Text(0, y, style.Label, "lost ")
	switch {
	case lost.N == 0 && changed > 0:
		before := "nothing, but "
		if !since {
			before = "not checked yet, but "
		}
		a.Line(x, y, a.W, canvas.S(style.Text, before), canvas.S(style.DangerBold, AlteredText(changed)))
	case lost.N == 0:
		a.Line(x, y, a.W, canvas.S(style.Fine, "nothing"), canvas.S(style.Label, allThere(a.W-x-canvas.Width("nothing"), d.LastCheck)))
	default:
		spans := []canvas.Span{canvas.S(style.DangerBold, format.Plural(lost.N, "confirmed write", "confirmed writes"))}
		if rpo := measure.RPO(sc.State, d.Name); rpo.Known && rpo.D > 0 {
			spans = append(spans, canvas.S(style.Text, ", from the last "+format.Span(rpo.D)))
		}
		if changed > 0 {
			spans = append(spans, canvas.S(style.DangerBold, ", "+AlteredText(changed)))
		}
		if !since {
			spans = append(spans, canvas.S(style.Label, ", not checked since"))
		}
		if listed := show.Hint("   ", sc.Hints.ListLost, "lists them"); x+canvas.SpansWidth(spans)+canvas.Width(listed) <= a.W {
			spans = append(spans, canvas.S(style.Label, listed))
		}
		a.Line(x, y, a.W, spans...)
	}
}

// allThere says in w columns who had every write.
func allThere(w int, c *drill.LedgerChecked) string {
	all := format.Count(c.Acknowledged)
	return show.Longest(w, []string{": " + c.Region + " had all " + all + " confirmed writes", ": " + c.Region + " had all " + all + " writes", " of " + all + " confirmed writes"})
}

// AlteredText says how many writes are not as they were sent.
func AlteredText(n int) string {
	return format.Plural(n, "write has other contents than was sent", "writes have other contents than were sent")
}
