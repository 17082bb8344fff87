package topology

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"time"
)

// What stands in front of the regions, as routing.entry in a fleet file says it.
const (
	// EntryDNS is a name: users ask a DNS server where to go, by way of resolvers that keep its answer.
	EntryDNS = "dns"
	// EntryLB is one address for everybody: a load balancer, which picks a region for every request.
	EntryLB = "lb"
)

// Entries are all that there are.
func Entries() []string { return []string{EntryDNS, EntryLB} }

const (
	// DefaultFailureTTL is how long a resolver keeps that a name server failed: RFC 9520, 3.2, asks for at least one
	// second, RFC 2308, 7.1, allows five minutes at most.
	DefaultFailureTTL = time.Second
	// ignoredTTLs is how many times the TTL a resolver that ignores it keeps an answer, and ignoredLeast the least. It is
	// a model: measured ones keep it for longer than a drill lasts, up to hours (Pang and others, "On the Responsiveness of
	// DNS-based Network Control", IMC 2004), with which no drill would end.
	ignoredTTLs  = 4
	ignoredLeast = 20 * time.Second
)

// Entry is what the population comes in by.
func (f Fleet) Entry(p Population) string { return cmp.Or(p.Entry, f.Routing.Entry, EntryDNS) }

// AnswerTTL is how long an answer of the fleet's entry is used by such a population's users: the TTL of the zone, nothing
// behind a load balancer.
func (f Fleet) AnswerTTL(p Population) time.Duration {
	if f.Entry(p) == EntryLB {
		return 0
	}
	return f.Routing.DNSTTL
}

// LastMoved is when the last user has been sent elsewhere after the answers changed, those of resolvers that ignore the TTL
// included.
func (f Fleet) LastMoved() time.Duration {
	if len(f.Users) == 0 {
		return f.Routing.DNSTTL
	}
	longest := time.Duration(0)
	for _, p := range f.Users {
		if longest = max(longest, f.AnswerTTL(p)); p.IgnoreTTL > 0 {
			longest = max(longest, f.IgnoredTTL())
		}
	}
	return longest
}

// IgnoredTTL is how long a resolver that ignores the TTL keeps an answer.
func (f Fleet) IgnoredTTL() time.Duration { return max(ignoredTTLs*f.Routing.DNSTTL, ignoredLeast) }

// ZoneName is the one name that users of a fleet ask for, without the root's dot. The top-level domain is reserved for
// tests (RFC 6761, 6.2).
func (f Fleet) ZoneName() string { return "shop." + f.Zone() }

// Zone is the zone that the fleet's name server answers for.
func (f Fleet) Zone() string { return f.Name + ".test" }

// EntryAddress is the address by which a region stands in the zone: of those that RFC 2544 keeps for tests of networks, so
// that no packet for it leaves a laptop by mistake. The last valid one is that of the 256th region.
func (f Fleet) EntryAddress(region string) (netip.Addr, bool) {
	i := slices.IndexFunc(f.Regions, func(r Region) bool { return r.Name == region })
	if i < 0 || i > 255 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte{198, 18, byte(i), 1}), true
}

// RegionAt is the region whose EntryAddress it is.
func (f Fleet) RegionAt(a netip.Addr) (string, bool) {
	for _, r := range f.Regions {
		if at, ok := f.EntryAddress(r.Name); ok && at == a {
			return r.Name, true
		}
	}
	return "", false
}

// ClientSubnet is where a population's users are, as its resolvers tell name servers (RFC 7871): of the addresses that
// RFC 6598 keeps for networks behind a carrier's.
func (f Fleet) ClientSubnet(population string) (netip.Prefix, bool) {
	i := slices.IndexFunc(f.Users, func(p Population) bool { return p.Name == population })
	if i < 0 || i > 255 {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, byte(i), 0}), 24), true
}

// PopulationAt is the population whose ClientSubnet contains the address.
func (f Fleet) PopulationAt(a netip.Addr) (string, bool) {
	for _, p := range f.Users {
		if subnet, ok := f.ClientSubnet(p.Name); ok && subnet.Contains(a) {
			return p.Name, true
		}
	}
	return "", false
}

// Dig is the line by which a person asks the fleet's name server, at "host:port", what a population's resolvers are told.
func (f Fleet) Dig(server, population string) string {
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		return ""
	}
	line := "dig @" + host + " -p " + port + " " + f.ZoneName()
	if subnet, ok := f.ClientSubnet(population); ok {
		line += " +subnet=" + subnet.String()
	}
	return line
}
