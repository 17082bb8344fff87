package single

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/report/drawing"
	"github.com/fleetdrill/fleetdrill/drill/report/frames"
)

//go:embed page.html
var page string

//go:embed replay.html
var replay string

//go:embed replay.js
var script string

var pageTemplate = template.Must(template.Must(template.Must(drawing.Templates()).Parse(replay)).New("page").Parse(page))

// allowed is the one script that a page may run, by its hash, so that a page which somebody changed runs none.
func allowed() string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// drawn is a section as a page has it: what it draws is laid out.
type drawn struct {
	Section
	Loads    []drawing.Load
	Marks    []string
	Bars     []drawing.Bars
	Pictures []drawing.Picture
	Times    []int64 // of the rows of a timeline, in milliseconds of the engine's clock, as frames count
}

// HTML writes a report as one page that needs nothing else, and that loads nothing.
func HTML(w io.Writer, d Document) error {
	var data struct {
		Heading  report.Heading
		Verdict  string
		Where    string
		Told     []string
		Allowed  string
		Script   template.JS
		Board    frames.Board
		Frames   frames.Replay
		Sections []drawn
	}
	data.Heading, data.Verdict, data.Allowed, data.Script = d.Heading(), d.Verdict, allowed(), template.JS(script)
	data.Frames, data.Board = frames.Of(d.Events)
	data.Where = fmt.Sprintf("%s on %s, %s", d.Fleet, d.On, format.Span(format.Seconds(d.Duration)))
	data.Told = data.Heading.Told(d.Remarks)
	for _, s := range d.Sections() {
		data.Sections = append(data.Sections, draw(d, s))
	}
	var text strings.Builder
	if err := pageTemplate.Execute(&text, data); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	// The template makes text of foreign markup; what a terminal would obey is made visible here, as pages are printed to one.
	if _, err := io.WriteString(w, clean.Lines(text.String())); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func draw(d Document, s Section) drawn {
	out := drawn{Section: s}
	from, until := extent(s.Loads)
	zero := format.Origin(d.State)
	for _, l := range s.Loads {
		out.Loads = append(out.Loads, drawing.LoadOf(l, s.Marks, from, until, zero))
	}
	if len(s.Loads) > 0 {
		for _, m := range s.Marks {
			out.Marks = append(out.Marks, format.Clock(m.At-zero)+": "+format.CurveMark(m))
		}
	}
	for _, b := range s.Bars {
		out.Bars = append(out.Bars, drawing.BarsOf(b.Title, b.All))
	}
	for _, p := range s.Pictures {
		out.Pictures = append(out.Pictures, drawing.Of(p))
	}
	for _, t := range s.Times {
		out.Times = append(out.Times, t.Milliseconds())
	}
	return out
}

// extent is from when until when anything of some loads was counted.
func extent(all []curve.Load) (from, until time.Duration) {
	for i, l := range all {
		if i == 0 || l.From() < from {
			from = l.From()
		}
		until = max(until, l.Until())
	}
	return from, until
}
