package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// errNoRecord is a name server's answer that a name has no address now.
var errNoRecord = errors.New("the name has no record")

// record is an answer of the name server: where a dataset's writes are taken, and for how long that may be kept.
type record struct {
	Endpoint
	ttl time.Duration
}

// resolver finds authorities by name and keeps what it was told. Nothing checks whether who is there still answers.
type resolver struct {
	told   wire.Discovery
	now    func() time.Duration
	lookup func(ctx context.Context, server, name string) (record, error)

	mu   sync.Mutex
	kept map[string]*kept // by dataset
}

// kept is one dataset's record.
type kept struct {
	asking sync.Mutex // held while the name is looked up, so that a hundred writes ask once

	mu    sync.Mutex // guards what follows
	has   bool
	until time.Duration
	record
}

func newResolver(told wire.Discovery, now func() time.Duration) *resolver {
	return &resolver{told: told, now: now, lookup: ask, kept: map[string]*kept{}}
}

// pick is the dataset's endpoint: the one that is kept, or a new one where that has expired.
func (n *resolver) pick(ctx context.Context, dataset string) (Endpoint, error) {
	k := n.of(dataset)
	if known, ok := n.known(k); ok {
		return known, nil
	}
	k.asking.Lock()
	defer k.asking.Unlock()
	if known, ok := n.known(k); ok { // who asked before has had an answer
		return known, nil
	}
	got, err := n.lookup(ctx, n.told.Server, n.told.ServiceName(dataset))
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.has = err == nil; !k.has {
		return Endpoint{}, fmt.Errorf("look up %s: %w", n.told.ServiceName(dataset), err)
	}
	k.record, k.until = got, n.now()+got.ttl
	return k.Endpoint, nil
}

// known is the endpoint that is kept; false where the name is to be looked up.
func (n *resolver) known(k *kept) (Endpoint, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Endpoint, k.has && (n.told.Cache == topology.CacheProcess || n.now() < k.until)
}

func (n *resolver) of(dataset string) *kept {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.kept[dataset]
	if k == nil {
		k = &kept{}
		n.kept[dataset] = k
	}
	return k
}

// regions is what is kept of a dataset, expired or not (the next write looks up what has), and for how long it is kept yet;
// 0 of what the process keeps for good. It does not wait for a lookup that is under way.
func (n *resolver) regions(dataset string) ([]string, time.Duration) {
	k := n.of(dataset)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.has {
		return nil, 0
	}
	if n.told.Cache == topology.CacheProcess {
		return []string{k.Region}, 0
	}
	return []string{k.Region}, max(k.until-n.now(), 0)
}

// ask asks the name server for a service's endpoint: over UDP, and over TCP where that is too short.
func ask(ctx context.Context, server, name string) (record, error) {
	question := new(dns.Msg)
	question.SetQuestion(dns.Fqdn(name), dns.TypeSRV)
	answer, _, err := new(dns.Client).ExchangeContext(ctx, question, server)
	if err == nil && answer.Truncated {
		answer, _, err = (&dns.Client{Net: "tcp"}).ExchangeContext(ctx, question, server)
	}
	if err != nil {
		return record{}, err
	}
	return read(answer)
}

// read takes the endpoint out of an answer: the first SRV record, with its target's address. The target's first label is
// the region.
func read(answer *dns.Msg) (record, error) {
	if answer.Rcode != dns.RcodeSuccess {
		return record{}, fmt.Errorf("the name server says %s", dns.RcodeToString[answer.Rcode])
	}
	for _, rr := range answer.Answer {
		srv, is := rr.(*dns.SRV)
		if !is {
			continue
		}
		host, ok := address(answer.Extra, srv.Target)
		if !ok {
			return record{}, fmt.Errorf("the name server gives no address of %s", srv.Target)
		}
		region, _, _ := strings.Cut(srv.Target, ".")
		base := "http://" + net.JoinHostPort(host, strconv.Itoa(int(srv.Port)))
		return record{Endpoint{Region: region, Base: base}, time.Duration(srv.Hdr.Ttl) * time.Second}, nil
	}
	return record{}, errNoRecord
}

// address is a target's, or the name that it is an alias of.
func address(extra []dns.RR, target string) (string, bool) {
	for _, rr := range extra {
		if dns.CanonicalName(rr.Header().Name) != dns.CanonicalName(target) {
			continue
		}
		switch rr := rr.(type) {
		case *dns.A:
			return rr.A.String(), true
		case *dns.CNAME:
			return strings.TrimSuffix(rr.Target, "."), true
		}
	}
	return "", false
}
