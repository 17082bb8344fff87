// Package style holds how the screen looks, in three layers: the themes' colours, the
// roles that they play, and the styles that panes use by name, which a theme turns into
// lipgloss's. It draws nothing and knows nothing of drills.
package style

import "image/color"

// Role is what an ink means, whatever its colour.
type Role uint8

// The roles. Own is the terminal's own foreground.
const (
	Own   Role = iota
	Quiet      // labels, and what matters less
	Line       // frames
	Good       // works
	Area       // the area of a chart: what works, but much of it
	Bad        // hurts
	Warn       // half way, or predicted
	Cold       // frozen
	Lead       // authority, and what has the focus
	roles
)

// Style is the second and third layer together: a role and how heavy it is. Its
// zero value is plain text.
type Style struct {
	Ink     Role
	Bold    bool
	Reverse bool
	Under   bool
}

// The styles by name.
var (
	Text       = Style{}
	Strong     = Style{Bold: true}
	Label      = Style{Ink: Quiet}
	Frame      = Style{Ink: Line}
	FrameHot   = Style{Ink: Lead}
	Title      = Style{Ink: Quiet, Bold: true}
	TitleHot   = Style{Ink: Lead, Bold: true}
	Fine       = Style{Ink: Good}
	FineArea   = Style{Ink: Area}
	FineBold   = Style{Ink: Good, Bold: true}
	Danger     = Style{Ink: Bad}
	DangerBold = Style{Ink: Bad, Bold: true}
	Alarm      = Style{Ink: Bad, Bold: true, Reverse: true}
	Caution    = Style{Ink: Warn}
	CautBold   = Style{Ink: Warn, Bold: true}
	Frozen     = Style{Ink: Cold, Bold: true}
	Star       = Style{Ink: Lead, Bold: true}
	Key        = Style{Ink: Lead, Bold: true}
	Brand      = Style{Ink: Good, Bold: true}
)

// Theme is one look of the screen. It is a value; the zero Theme has no colours.
type Theme struct {
	Name   string
	ASCII  bool
	Glyphs Glyphs
	inks   [roles]color.Color
	cells  *cells
}

// Options say which look is wanted.
type Options struct {
	// Theme is a name of Themes; "" is the look for the terminal's ground.
	Theme   string
	Light   bool // the terminal's ground is light
	NoColor bool // weight and reverse stay: they are not colours
	ASCII   bool
}

// New makes a look.
func New(o Options) Theme {
	name, p := colours(o.Theme, o.Light)
	t := Theme{Name: name, ASCII: o.ASCII, Glyphs: unicode}
	if o.ASCII {
		t.Glyphs = ascii
	}
	if !o.NoColor {
		t.inks = p.inks()
	}
	t.cells = newCells(t)
	return t
}
