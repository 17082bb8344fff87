package controller

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fleet is steady once every replica has its data; until then it is said which has not.
func TestMissing(t *testing.T) {
	m := NewMemory(Rules{Dataset: topology.Dataset{Name: "orders", Authority: "a", Regions: []string{"a", "b"}}})
	m.lead, m.epoch = "a", 2
	const now = time.Minute
	hear := func(region string, s store.Status) {
		r := m.of(region)
		r.known, r.heardAt, r.status = true, now, s
		r.status.Region = region
	}
	position := uint64(9)
	whole := store.Status{Authority: "a", Epoch: 2, AuthorityPosition: &position, Bytes: 70}
	hear("a", store.Status{Role: role.Authority, Epoch: 2, Bytes: 70})
	for words, s := range map[string]store.Status{
		"orders of b is being copied, 20.0 KiB of about 80.0 KiB": {Authority: "a", Epoch: 2, Seeding: true, Copying: &store.Copying{Bytes: 20 << 10, Total: 80 << 10}},
		"orders of b is being copied":                             {Authority: "a", Epoch: 2, Seeding: true, AuthorityPosition: &position},
		"orders of b has not heard from its leader yet":           {Authority: "a", Epoch: 2},
		"": whole,
	} {
		hear("b", s)
		what, _ := m.Missing(now)
		if got := strings.Join(what, "; "); got != words || m.Gathered(now, nil) != (words == "") {
			t.Errorf("%+v: missing %q, gathered %v, want %q", s, got, m.Gathered(now, nil), words)
		}
	}
	hear("b", whole)
	if _, bytes := m.Missing(now); bytes != 0 {
		t.Errorf("nothing is missing, and %d bytes are counted", bytes)
	}
	hear("b", store.Status{Authority: "a", Epoch: 2, Seeding: true, Bytes: 20, Copied: 5})
	for _, written := range []int64{70, 7000} { // users write on
		hear("a", store.Status{Role: role.Authority, Epoch: 2, Bytes: written})
		if _, bytes := m.Missing(now); bytes != 25 {
			t.Errorf("b is at 25 bytes and a at %d: %d are counted", written, bytes)
		}
	}
	if what, _ := m.Missing(now + 2*FreshFor); len(what) != 2 {
		t.Errorf("nobody answers, and it says %q", what)
	}
	if !m.Gathered(now+2*FreshFor, map[string]bool{"a": true, "b": true}) {
		t.Error("those that are held away count")
	}
}
