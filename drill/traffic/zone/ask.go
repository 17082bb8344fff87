package zone

import (
	"context"
	"fmt"
	"net/netip"
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

// Ask asks a fleet's name server, as a resolver near a population does, and over TCP where an answer was cut short. The
// error is policy.ErrNoRegion where it can't say (SERVFAIL), policy.ErrJurisdiction where it won't (REFUSED), or why there
// was no answer.
func Ask(ctx context.Context, server string, fleet topology.Fleet, population string) (Answer, error) {
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(fleet.ZoneName()), dns.TypeA)
	question.SetEdns0(dns.DefaultMsgSize, false)
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
