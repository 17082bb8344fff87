package style

import "slices"

// looks is the list of themes. The colours are for ink alone, so each has one set for a
// dark ground and one for a light; the first two are for one ground only.
var looks = []struct {
	name            string
	about           string
	onDark, onLight palette
	least           float64 // contrast of every text with its ground, as WCAG 2.2 counts it
}{
	{"dark", "for dark terminals", dark, dark, 4.5},
	{"light", "for light terminals", light, light, 4.5},
	{"high-contrast", "for eyes that need it, and for projectors", contrastDark, contrastLight, 7},
	{"colour-blind", "colours that stay apart without red, green or blue sight", blindDark, blindLight, 4.5},
}

// Themes is the names of all themes, in the order that they are offered.
func Themes() []string {
	names := make([]string, len(looks))
	for i, l := range looks {
		names[i] = l.name
	}
	return names
}

// About says in a few words what a theme is for; "" for a name that is none.
func About(theme string) string {
	for _, l := range looks {
		if l.name == theme {
			return l.about
		}
	}
	return ""
}

// Next is the theme after one; the first for a name that is none.
func Next(theme string) string {
	names := Themes()
	return names[(slices.Index(names, theme)+1)%len(names)]
}

// colours is the palette of a theme on a ground. A name that is none is the look that
// was made for that ground.
func colours(theme string, onLight bool) (string, palette) {
	for _, l := range looks {
		switch {
		case l.name != theme:
		case onLight:
			return l.name, l.onLight
		default:
			return l.name, l.onDark
		}
	}
	if onLight {
		return "light", light
	}
	return "dark", dark
}
