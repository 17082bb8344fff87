package place

import (
	"strings"
	"testing"
	"time"
)

func find(t *testing.T, name string) Place {
	t.Helper()
	p, ok := Find(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return p
}

// Some of what the published table says, taken from its page and not from the file.
func TestRoundTripsAreThoseThatWerePublished(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		ms   int
	}{
		{"azure:eastus", "azure:northeurope", 67}, {"azure:westeurope", "azure:eastus", 82}, {"azure:japaneast", "azure:australiaeast", 102},
		{"azure:southafricawest", "azure:brazilsouth", 326}, {"azure:koreacentral", "azure:japanwest", 38}, {"azure:uaenorth", "azure:westindia", 29},
		{"aws:us-east-1", "aws:eu-west-1", 67}, {"gcp:europe-west2", "aws:ap-south-1", 127},
		{"aws:us-east-1", "azure:eastus", 2}, {"aws:us-east-1", "aws:us-east-1", 2},
	} {
		a, b := find(t, tt.a), find(t, tt.b)
		if got := RoundTrip(a, b); got != time.Duration(tt.ms)*time.Millisecond || RoundTrip(b, a) != got {
			t.Errorf("%s to %s takes %s there and %s back, want %d ms", tt.a, tt.b, got, RoundTrip(b, a), tt.ms)
		}
	}
	if got := FromUsers(find(t, "aws:us-east-1"), find(t, "aws:us-east-1")); got != within+lastMile {
		t.Errorf("users at home are %s away", got)
	}
}

// Every pair has a round trip that light in glass could take, and that no detour makes absurd.
func TestEveryPairHasARoundTrip(t *testing.T) {
	count := map[string]int{}
	for _, a := range All() {
		provider, _, _ := strings.Cut(a.Name, ":")
		count[provider]++
		if a.Jurisdiction == "" || a.Site == "" {
			t.Errorf("%+v lacks something", a)
		}
		for _, b := range All() {
			if rtt := RoundTrip(a, b); a.Name != b.Name && (rtt < time.Millisecond || rtt > 400*time.Millisecond) {
				t.Errorf("%s to %s takes %s", a.Name, b.Name, rtt)
			}
		}
	}
	if count["aws"] < 12 || count["gcp"] < 6 || count["azure"] < 6 {
		t.Errorf("there are %v", count)
	}
}

func TestFreeTextIsNoPlace(t *testing.T) {
	for text, want := range map[string]bool{"aws:us-east-1": true, "aws:moon": true, "Virginia": false, "Room 3: left": false, "office:berlin": false, "aws:": false} {
		if Meant(text) != want {
			t.Errorf("that %q is meant as a place is %v", text, !want)
		}
	}
}
