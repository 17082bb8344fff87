package picture

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// points is a line's shares, second by second from two before the fault on; less than 0 is not measured.
func points(shares ...float64) (all []curve.Point) {
	for i, v := range shares {
		all = append(all, curve.Point{At: time.Duration(i-2) * time.Second, Share: max(v, 0), Known: v >= 0})
	}
	return all
}

var killed = format.Picture{Title: "share of requests answered", Curve: curve.Curve{
	Lines: []curve.Line{
		{Kind: curve.Requests, Name: "dns", Width: time.Second, Points: points(1, 1, -1, 0, 0.5, 0.5, 1, 1, 1, 1)},
		{Kind: curve.Requests, Name: "lb", Width: time.Second, Points: points(1, 1, 1, 0.5, 1, 1, 1, 1, 1, 1)},
		{Kind: curve.Data, Name: "eu-west", Dataset: "orders", Whole: 2048, Width: time.Second, Points: points(1, 1, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1)},
	},
	Marks: []curve.Mark{{Fault: &drill.Fault{FaultProved: drill.FaultProved{Region: "us-east", Done: "killed"}}}},
}}

// Each line has a band on one axis: what is missing has a pattern where there is room, what was not measured is blank, and
// the axis says what was done when.
func TestALineIsABand(t *testing.T) {
	for _, tt := range []struct {
		name  string
		band  int
		ascii bool
		want  []string
	}{
		{"low", 1, false, []string{
			"share of requests answered",
			"dns                      ████████    ▁▁▁▁▄▄▄▄▄▄▄▄████████████████    0 %",
			"lb                       ████████████▄▄▄▄████████████████████████   50 %",
			"orders in eu-west, of 2… ████████▁▁▁▁▂▂▂▂▄▄▄▄▆▆▆▆████████████████    0 %",
			"▲ 0 s us-east killed",
		}},
		{"high", 3, false, []string{
			"                         ████████    ▒▒▒▒▒▒▒▒▒▒▒▒████████████████",
			"dns                      ████████    ▒▒▒▒▒▒▒▒▒▒▒▒████████████████    0 %",
			"                         ████████    ▒▒▒▒████████████████████████",
		}},
		{"ASCII", 1, true, []string{"dns                      ########    ____--------################    0 %"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := killed
			p.Lines = append([]curve.Line(nil), killed.Lines...)
			c := canvas.New(72, 20, style.New(style.Options{NoColor: true, ASCII: tt.ascii}))
			if rows := Draw(c.All(), p, tt.band); rows != Rows(p, tt.band) || rows != 2+3*tt.band {
				t.Errorf("%d rows", rows)
			}
			got := ansi.Strip(c.String())
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("it has no %q:\n%s", want, got)
				}
			}
		})
	}
}
