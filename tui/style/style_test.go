package style

import (
	"image/color"
	"slices"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/lucasb-eyer/go-colorful"
)

// luminance is WCAG's relative luminance.
func luminance(c color.Color) float64 {
	r, g, b := linear(c)
	return 0.2126*r + 0.7152*g + 0.0722*b
}

func linear(c color.Color) (r, g, b float64) {
	rgb, _ := colorful.MakeColor(c)
	return rgb.LinearRgb()
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// texts is the colours that something is written in.
func (p palette) texts() map[string]color.Color {
	return map[string]color.Color{"blue": p.blue, "orange": p.orange, "amber": p.amber, "ice": p.ice, "violet": p.violet, "grey": p.grey}
}

// TestContrast holds that text of every role can be read in every theme.
func TestContrast(t *testing.T) {
	darkGrounds, lightGrounds := []color.Color{color.Black, hex(0x1E1E1E)}, []color.Color{color.White, hex(0xF8F8F8)}
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			check := func(p palette, grounds []color.Color) {
				for name, c := range p.texts() {
					for _, ground := range grounds {
						if got := contrast(c, ground); got < l.least {
							t.Errorf("%s on %v has a contrast of %.2f, less than %.1f", name, ground, got, l.least)
						}
					}
				}
			}
			if l.name != "light" {
				check(l.onDark, darkGrounds)
			}
			if l.name != "dark" {
				check(l.onLight, lightGrounds)
			}
		})
	}
}

// sights is how people who lack one kind of cone see linear colours: the matrices of
// severity 1 of Machado, Oliveira and Fernandes, IEEE TVCG 15(6), 2009.
var sights = map[string][3][3]float64{
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func seen(c color.Color, m [3][3]float64) colorful.Color {
	r, g, b := linear(c)
	mix := func(row [3]float64) float64 { return min(max(row[0]*r+row[1]*g+row[2]*b, 0), 1) }
	return colorful.LinearRgb(mix(m[0]), mix(m[1]), mix(m[2]))
}

// TestColourBlind holds that no two roles of the theme look alike to any of these eyes: a
// distance of 20 in CIE L*a*b* is a clear difference (2.3 is the least that is noticed).
func TestColourBlind(t *testing.T) {
	const least = 0.20 // colorful's L* goes from 0 to 1
	for _, p := range []palette{blindDark, blindLight} {
		texts := p.texts()
		for sight, m := range sights {
			for one, a := range texts {
				for other, b := range texts {
					if d := seen(a, m).DistanceLab(seen(b, m)); one != other && d < least {
						t.Errorf("%s and %s are only %.2f apart with %s", one, other, d, sight)
					}
				}
			}
		}
	}
	if d := seen(dark.blue, sights["protanopia"]).DistanceLab(seen(dark.violet, sights["protanopia"])); d >= least {
		t.Fatalf("the test sees no trouble where there is some: %.2f", d)
	}
}

// TestThemes holds that each theme is another look, and that t comes round to the first.
func TestThemes(t *testing.T) {
	seen := []uv.Style{}
	name := Themes()[0]
	for range Themes() {
		if About(name) == "" {
			t.Errorf("%s does not say what it is for", name)
		}
		danger := New(Options{Theme: name}).Cell(Danger)
		if slices.ContainsFunc(seen, func(s uv.Style) bool { return s.Equal(&danger) }) {
			t.Errorf("%s looks like another", name)
		}
		seen = append(seen, danger)
		name = Next(name)
	}
	if name != Themes()[0] {
		t.Errorf("after all themes comes %s", name)
	}
	if got := New(Options{Light: true}).Name; got != "light" {
		t.Errorf("a light terminal has %s", got)
	}
	if one, two := New(Options{Theme: "high-contrast"}).Cell(Danger), New(Options{Theme: "high-contrast", Light: true}).Cell(Danger); one.Equal(&two) {
		t.Error("high contrast is the same on a light ground")
	}
}

// TestASCIIGlyphs holds the set that people with such terminals know.
func TestASCIIGlyphs(t *testing.T) {
	g := New(Options{ASCII: true}).Glyphs
	got := g.Healthy + " " + g.Degraded + " " + g.Cordoned + " " + g.Frozen + " " + g.Down + " " + g.Syncing
	if want := "o ~ - * x <>"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// TestCell holds that no colour means none, that weight stays, and that a cell is what
// lipgloss makes of the same style.
func TestCell(t *testing.T) {
	none := New(Options{NoColor: true})
	if got := none.Cell(Danger); !got.IsZero() {
		t.Errorf("harm without colour is %+v", got)
	}
	if got := none.Cell(Alarm); got.Fg != nil || got.Attrs != uv.AttrBold|uv.AttrReverse {
		t.Errorf("an alarm without colour is %+v", got)
	}
	th := New(Options{})
	if got := th.Cell(Text); !got.IsZero() {
		t.Errorf("plain text is %+v", got)
	}
	for _, s := range []Style{Text, Strong, Label, Alarm, {Ink: Good, Under: true}} {
		screen := uv.NewScreenBuffer(1, 1)
		uv.NewStyledString(th.Lipgloss(s).Render("x")).Draw(screen, screen.Bounds())
		if want, got := screen.CellAt(0, 0).Style, th.Cell(s); !got.Equal(&want) {
			t.Errorf("%+v is %+v as a cell and %+v by lipgloss", s, got, want)
		}
	}
}
