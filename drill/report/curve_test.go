package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// A second in which nothing was measured is null in a curve, and not zero.
func TestACurveIsWritten(t *testing.T) {
	p := format.Picture{Key: "moved", Curve: curve.Curve{Lines: []curve.Line{
		{Kind: curve.Requests, Name: "americas", Width: time.Second, Points: []curve.Point{{At: -500 * time.Millisecond, Share: 1, Known: true}, {At: 500 * time.Millisecond}}},
		{Kind: curve.Data, Name: "us-east", Dataset: "orders", Whole: 4096, Width: time.Second, Points: []curve.Point{{Known: true}}},
	}}}
	got, err := json.Marshal(CurveOf(p))
	want := `{"key":"moved","lines":[` +
		`{"kind":"requests","name":"americas","dataset":null,"whole":null,"width_s":1,"points":[{"at_s":-0.5,"share":1},{"at_s":0.5,"share":null}]},` +
		`{"kind":"data","name":"us-east","dataset":"orders","whole":4096,"width_s":1,"points":[{"at_s":0,"share":0}]}]}`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
