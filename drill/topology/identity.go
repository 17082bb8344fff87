package topology

import (
	"cmp"
	"time"
)

// How the clusters of a fleet trust each other's workloads, as identity in a fleet file says it.
const (
	// TrustFederated is a trust domain with a certificate authority of its own for each cluster, whose bundles are
	// exchanged (SPIFFE Federation).
	TrustFederated = "federated"
	// TrustShared is one trust domain and one certificate authority for the whole fleet.
	TrustShared = "shared"
	// TrustNone is plain HTTP between regions: the fleet's token is all that is asked for.
	TrustNone = "none"
)

// Trusts are all that there are.
func Trusts() []string { return []string{TrustFederated, TrustShared, TrustNone} }

// DefaultSVIDTTL is how long a certificate is good for: SPIRE's default_x509_svid_ttl.
const DefaultSVIDTTL = time.Hour

// LeastSVIDTTL is the shortest that is worth asking for: certificates are good for whole seconds, and are renewed in between.
const LeastSVIDTTL = 3 * time.Second

// DefaultRotateBefore is how long before its end a certificate is renewed: a third of its time, 20 minutes of an hour, so
// that a signer may be away for as long without anybody noticing. (SPIRE's agent renews at half of the time.)
func DefaultRotateBefore(ttl time.Duration) time.Duration { return ttl / 3 }

// Identity is by what regions trust each other: X.509-SVIDs over mutual TLS between regions, and between the failover
// controller and regions.
type Identity struct {
	Trust        string        `json:"trust"`
	TTL          time.Duration `json:"svid_ttl,omitempty"`
	RotateBefore time.Duration `json:"rotate_before,omitempty"`
}

// Secured reports whether regions of a fleet show certificates to each other. A fleet that says nothing of it, as in
// journals of before, has none.
func Secured(f Fleet) bool { return f.Identity != nil && f.Identity.Trust != TrustNone }

// TrustOf is how the clusters of a fleet trust each other.
func TrustOf(f Fleet) string {
	if f.Identity == nil {
		return TrustNone
	}
	return f.Identity.Trust
}

// TrustDomain is the trust domain of a region or of the hub: its cluster's, or the fleet's where that shares one; "" where
// the fleet has no identities, or no such region.
func TrustDomain(f Fleet, region string) string {
	if !Secured(f) {
		return ""
	}
	for _, r := range f.Standing().Regions {
		if r.Name == region {
			return domainOf(f, cmp.Or(r.Cluster, r.Name))
		}
	}
	return ""
}

// TrustDomains is the trust domain of each region and of the hub, by name, and that of the failover controller.
func TrustDomains(f Fleet) map[string]string {
	all := map[string]string{EndControl: ControllerDomain(f)}
	for _, name := range f.Standing().RegionNames() {
		all[name] = TrustDomain(f, name)
	}
	return all
}

// ControllerDomain is the trust domain of the failover controller: the hub's, or one of its own where it stands outside
// every cluster.
func ControllerDomain(f Fleet) string {
	if f.Hub != nil {
		return TrustDomain(f, f.Hub.Name)
	}
	return domainOf(f, EndControl)
}

func domainOf(f Fleet, cluster string) string {
	if f.Identity.Trust == TrustShared {
		return f.Name
	}
	return cluster + "." + f.Name
}

// SignerAt is where the signer stands, beside the failover controller: the hub, or EndControl.
func SignerAt(f Fleet) string {
	if f.Hub != nil {
		return f.Hub.Name
	}
	return EndControl
}

// GatewayID is the SPIFFE ID of a region's gateway, or of the hub's; "" where the fleet has no identities.
func GatewayID(f Fleet, region string) string {
	if domain := TrustDomain(f, region); domain != "" {
		return "spiffe://" + domain + "/region/" + region + "/gateway"
	}
	return ""
}

// AgentArguments are what the agent of a region's gateway is told on its command line of its identity: nothing where the fleet
// has none. The name is no secret.
func AgentArguments(f Fleet, region string) []string {
	if id := GatewayID(f, region); id != "" {
		return []string{"--spiffe-id", id}
	}
	return nil
}

// ControllerID is the SPIFFE ID of the failover controller.
func ControllerID(f Fleet) string { return "spiffe://" + ControllerDomain(f) + "/failover-controller" }

// Handshake is the longest that regions' showing each other certificates adds to a new connection from a region: a round trip
// (RFC 8446, 2); 0 where they show none.
func Handshake(f Fleet, region string) time.Duration {
	var longest time.Duration
	if Secured(f) {
		for _, rtt := range f.RTTs(region) {
			longest = max(longest, rtt)
		}
	}
	return longest
}
