package format

import (
	"os"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestMain views from UTC, in which the recordings of the tests are.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// TestOneClock: all times of a recording are in its own zone, which is said where it is not the viewer's.
func TestOneClock(t *testing.T) {
	viewer := time.Local
	defer func() { time.Local = viewer }()
	at := time.Date(2026, 3, 14, 7, 7, 9, 0, time.UTC)
	berlin := time.FixedZone("", 3600)
	for _, tt := range []struct {
		own, viewer *time.Location
		want        string
	}{
		{time.UTC, time.UTC, "07:07:09"},
		{time.UTC, berlin, "07:07:09 UTC"},
		{berlin, berlin, "08:07:09"},
		{berlin, time.UTC, "08:07:09 UTC+01:00"},
		{time.FixedZone("", -12600), berlin, "03:37:09 UTC-03:30"},
	} {
		time.Local = tt.viewer
		s := &drill.State{Started: at.In(tt.own)}
		if got := WallClock(s, 0); got != tt.want {
			t.Errorf("%s seen from %s is %q, want %q", tt.own, tt.viewer, got, tt.want)
		}
		if got, want := Dated(s.Started, time.DateTime), s.Started.Format(time.DateOnly)+" "+tt.want; got != want {
			t.Errorf("with its day it is %q, want %q", got, want)
		}
	}
}
