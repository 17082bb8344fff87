package style

import (
	"image/color"
	"math"
	"testing"
)

// luminance is WCAG's relative luminance.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast holds what the palette promises: text of every role can be read.
func TestContrast(t *testing.T) {
	tests := []struct {
		name string
		p    palette
		on   color.Color
	}{
		{"dark", dark, color.Black}, {"a usual dark grey", dark, hex(0x1E1E1E)}, {"light", light, color.White},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, c := range map[string]color.Color{"blue": tt.p.blue, "orange": tt.p.orange, "amber": tt.p.amber, "ice": tt.p.ice, "violet": tt.p.violet, "grey": tt.p.grey} {
				if got := contrast(c, tt.on); got < 4.5 {
					t.Errorf("%s has a contrast of %.2f", name, got)
				}
			}
		})
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

// TestSGR holds that no colour means none, and that weight stays.
func TestSGR(t *testing.T) {
	none := New(Options{NoColor: true})
	if got := none.SGR(Danger); got != "" {
		t.Errorf("harm without colour begins with %q", got)
	}
	if got := none.SGR(Alarm); got != "\x1b[1;7m" {
		t.Errorf("an alarm without colour begins with %q", got)
	}
	if got := New(Options{}).SGR(Text); got != "" {
		t.Errorf("plain text begins with %q", got)
	}
}
