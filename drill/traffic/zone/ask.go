package zone

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Answer is what a resolver was told: a region, and for how long.
type Answer struct {
	Region string
	TTL    time.Duration
}

// counted marks the queries of a population's own resolvers, in an option for local use (RFC 6891, 9), so that whoever else asks
// takes none of the regions that are drawn for the users who are counted.
var counted = &dns.EDNS0_LOCAL{Code: dns.EDNS0LOCALSTART}

// isCounted reports whether a query is of a population's own resolvers.
func isCounted(asked *dns.Msg) bool {
	opt := asked.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool { return o.Option() == counted.Code })
}

// AskForUsers asks as a population's own resolvers do, whose users are counted; see Ask.
func AskForUsers(ctx context.Context, server string, fleet topology.Fleet, population string) (Answer, error) {
	return ask(ctx, server, fleet, population, counted)
}

// Ask asks a fleet's name server, as a resolver near a population does, and over TCP where an answer was cut short. The
// error is policy.ErrNoRegion where it can't say (SERVFAIL), policy.ErrJurisdiction where it won't (REFUSED), or why there
// was no answer.
func Ask(ctx context.Context, server string, fleet topology.Fleet, population string) (Answer, error) {
	return ask(ctx, server, fleet, population)
}

func ask(ctx context.Context, server string, fleet topology.Fleet, population string, options ...dns.EDNS0) (Answer, error) {
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(fleet.ZoneName()), dns.TypeA)
	question.SetEdns0(dns.DefaultMsgSize, false)
	question.IsEdns0().Option = options
	if subnet, ok := fleet.ClientSubnet(population); ok {
		opt := question.IsEdns0()
		opt.Option = append(opt.Option, &dns.EDNS0_SUBNET{
			Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: uint8(subnet.Bits()), Address: subnet.Addr().AsSlice(),
		})
	}
	reply, _, err := new(dns.Client).ExchangeContext(ctx, question, server)
	if err == nil && reply.Truncated {
		reply, _, err = (&dns.Client{Net: "tcp"}).ExchangeContext(ctx, question, server)
	}
	if err != nil {
		return Answer{}, err
	}
	return read(reply, fleet)
}

// read is what an answer says.
func read(reply *dns.Msg, fleet topology.Fleet) (Answer, error) {
	switch reply.Rcode {
	case dns.RcodeServerFailure:
		return Answer{}, policy.ErrNoRegion
	case dns.RcodeRefused:
		return Answer{}, policy.ErrJurisdiction
	}
	for _, record := range reply.Answer {
		a, ok := record.(*dns.A)
		if !ok {
			continue
		}
		at, _ := netip.AddrFromSlice(a.A)
		region, known := fleet.RegionAt(at.Unmap())
		if !known {
			return Answer{}, fmt.Errorf("the name server says %s, where no region of %s is", a.A, fleet.Name)
		}
		return Answer{Region: region, TTL: time.Duration(a.Hdr.Ttl) * time.Second}, nil
	}
	return Answer{}, fmt.Errorf("the name server says %s and no address", dns.RcodeToString[reply.Rcode])
}
