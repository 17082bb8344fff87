package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// What the machine did stands in the report and in its summary.
func TestTheMachineIsReported(t *testing.T) {
	events := lostAuthority()
	add := func(d time.Duration, b drill.Body) {
		last := events[len(events)-1]
		events = append(events, drill.Event{Seq: last.Seq + 1, At: last.At.Add(d), T: last.T + d, Body: b})
	}
	from := events[len(events)-1].T + time.Second
	add(17*time.Second, drill.StandstillNoticed{From: from, For: 15 * time.Second})
	add(time.Second, drill.RegionStarved{Region: "eu-west", From: 0, For: time.Hour})
	add(time.Second, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
		{Population: "americas", NotSent: 5, TotalRequests: 95, TotalNotSent: map[string]int{telemetry.UnsentNoDescriptor: 5}, TotalLeftOut: 1500}}})
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.NotSent; *n.Requests != 5 || *n.Share <= 0 || *n.LeftOut != 1500 || n.Why["no descriptor"] != 5 {
		t.Errorf("%+v", n)
	}
	if s := r.Standstills; len(s) != 2 || s[0].For != 15 || s[0].Region != nil || *s[1].Region != "eu-west" || !s[1].Disturbed {
		t.Errorf("%+v", s)
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fleetdrill stood still for 15.0 s", "eu-west was starved by this machine", "no file descriptor or port left", "1,500", "requests while fleetdrill stood still"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, out.String())
		}
	}
}
