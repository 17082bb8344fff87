package format

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// TestAPreflightOfOneRegionSaysWhoLeads: who leads is another region than the one that was asked for, and is named all the same.
func TestAPreflightOfOneRegionSaysWhoLeads(t *testing.T) {
	all := []preflight.Target{
		{Dataset: "orders", Region: "us-east", Leads: true, Findings: []preflight.Finding{{Status: preflight.Ready}}},
		{Dataset: "orders", Region: "eu-west"},
	}
	of := func(region string) string {
		return strings.Join(Preflight("orders", all, func(t preflight.Target) bool { return t.Region == region }), "\n")
	}
	if got := of("eu-west"); got != "orders, led by us-east\n  eu-west  unknown" {
		t.Errorf("of eu-west it says %q", got)
	}
	if got := of("sa-east"); got != "" {
		t.Errorf("of a region that has no row it says %q", got)
	}
}
