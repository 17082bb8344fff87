package signer

import (
	"testing"
	"time"
)

// A few gateways are asked twice a second, sixty of them less often, and never so seldom that a certificate runs out in between.
func TestHowOftenGatewaysAreAsked(t *testing.T) {
	for _, tt := range []struct {
		gateways  int
		ttl, want time.Duration
	}{
		{3, time.Hour, 500 * time.Millisecond},
		{60, time.Hour, 1500 * time.Millisecond},
		{60, 12 * time.Second, time.Second},
		{60, 3 * time.Second, 500 * time.Millisecond},
	} {
		if got := pace(tt.gateways, tt.ttl); got != tt.want {
			t.Errorf("%d gateways with certificates of %s are asked every %s, want %s", tt.gateways, tt.ttl, got, tt.want)
		}
	}
}
