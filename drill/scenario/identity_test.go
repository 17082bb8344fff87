package scenario

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func TestIdentityIsRead(t *testing.T) {
	for says, want := range map[string]topology.Identity{
		"":                         {Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute},
		"identity: {}":             {Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute},
		"identity: {svid_ttl: 9s}": {Trust: topology.TrustFederated, TTL: 9 * time.Second, RotateBefore: 3 * time.Second},
		"identity: {trust: none}":  {Trust: topology.TrustNone},
		"identity: {trust: shared, svid_ttl: 1h, rotate_before: 30m}": {Trust: topology.TrustShared, TTL: time.Hour, RotateBefore: 30 * time.Minute},
	} {
		s := parse("fleet.yaml", []byte(goodFleet+says+"\n"))
		f := readFleet(s)
		if err := s.err(); err != nil || *f.Identity != want || topology.Secured(f) != (want.Trust != topology.TrustNone) {
			t.Errorf("%q: %+v, %v", says, f.Identity, err)
		}
	}
}

func TestBadIdentity(t *testing.T) {
	for _, tt := range []badFile{
		{"no such trust", "web: {", "identity: {trust: zero}\nweb: {", []string{
			`fleet.yaml:16: there is no trust "zero"; there are federated, shared, none`}},
		{"a life between seconds", "web: {", "identity: {svid_ttl: 3500ms}\nweb: {", []string{
			"fleet.yaml:16: svid_ttl 3.5s is not in whole seconds, and certificates have no others; write 4s"}},
		{"a life that is too short", "web: {", "identity: {svid_ttl: 1s}\nweb: {", []string{
			`fleet.yaml:16: svid_ttl "1s" is too short; the least is 3s`}},
		{"renewed before it is there", "web: {", "identity: {svid_ttl: 10s, rotate_before: 10s}\nweb: {", []string{
			"fleet.yaml:16: rotate_before 10s is not below the svid_ttl of 10s: each certificate would be due at once; write 5s or less"}},
		{"of certificates that nobody has", "web: {", "identity: {trust: none, svid_ttl: 10s}\nweb: {", []string{
			"fleet.yaml:16: svid_ttl is of certificates, and with trust: none nobody has one; leave it out"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse("fleet.yaml", tt.spoil(t, goodFleet))
			readFleet(s)
			tt.check(t, s.err())
		})
	}
}
