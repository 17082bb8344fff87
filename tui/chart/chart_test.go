package chart

import (
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

func drawn(w, h int, draw func(canvas.Area)) string {
	c := canvas.New(w, h, style.Theme{})
	draw(c.All())
	return c.String()
}

func TestBarsShowAnyFailure(t *testing.T) {
	tests := []struct {
		name string
		bar  Bar
		want string // from the top
	}{
		{"full", Bar{OK: 100, Known: true}, "█|█|█|█"},
		{"half", Bar{OK: 50, Known: true}, "||█|█"},
		{"an eighth", Bar{OK: 3.2, Known: true}, "|||▁"},
		{"failure on top", Bar{OK: 50, Failed: 25, Known: true}, "|▒|█|█"},
		{"hardly any failure", Bar{OK: 50, Failed: 0.001, Known: true}, "|▒|█|█"},
		{"hardly any failure at the top", Bar{OK: 100, Failed: 0.001, Known: true}, "▒|█|█|█"},
		{"failure alone", Bar{Failed: 100, Known: true}, "▒|▒|▒|▒"},
		{"nothing", Bar{Known: true}, "|||▁"},
		{"not measured", Bar{}, "|||"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(drawn(1, 4, func(a canvas.Area) { Bars(a, []Bar{tt.bar}, 100) }), "\n", "|")
			if got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGaugeIsNeverInvisible(t *testing.T) {
	for _, to := range []float64{0.0001, 0.2, 0.99991, 1} {
		if got := drawn(10, 1, func(a canvas.Area) { Gauge(a, 0, 0, 10, to-0.0001, to, style.Text) }); strings.TrimSpace(got) == "" {
			t.Errorf("a stage that ends at %v of the scale can't be seen", to)
		}
	}
}

// A bar says as much as is done: never all of it before it is, and nothing of what nobody knows.
func TestPercentSaysNoMoreThanIsDone(t *testing.T) {
	for share, want := range map[float64]string{
		0: "────────── 0 %", 0.5: "━━━━━───── 50 %", 0.999: "━━━━━━━━━━ 99 %", 1: "━━━━━━━━━━ 100 %", math.NaN(): "────────── 0 %",
	} {
		got := strings.Join(strings.Fields(ansi.Strip(drawn(16, 1, func(a canvas.Area) { Percent(a, share) }))), " ")
		if got != want {
			t.Errorf("%v: %q, want %q", share, got, want)
		}
	}
	if got := drawn(percentW, 1, func(a canvas.Area) { Percent(a, 0.5) }); strings.TrimSpace(got) != "" {
		t.Errorf("where only the number has room: %q", got)
	}
}
