package discovery

import (
	"context"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// A web tier that takes it that another cluster's Service resolves as one's own would look up the name that its leader's store
// has inside its own cluster. What comes of that is looked at once, from where the web tier runs.

// assumedEvery is how often that name is asked for until there is an answer.
const assumedEvery = 500 * time.Millisecond

// assume looks the name up, and keeps what the name server says, unless the region goes by another one meanwhile.
func (d *Directory) assume(by *resolver) {
	for d.goesBy(by) {
		says, err := says(d.ctx, by.told.Server, by.told.Assumed)
		if err == nil {
			d.mu.Lock()
			if d.names == by {
				d.assumed = &wire.LookedUp{Name: by.told.Assumed, Says: says}
			}
			d.mu.Unlock()
			return
		}
		if !pause.For(d.ctx, assumedEvery) {
			return
		}
	}
}

func (d *Directory) goesBy(names *resolver) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.names == names
}

// says is what a name server answers when it is asked for a name's addresses: these, or its response code.
func says(ctx context.Context, server, name string) (string, error) {
	answer, _, err := new(dns.Client).ExchangeContext(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA), server)
	if err != nil {
		return "", err
	}
	if answer.Rcode != dns.RcodeSuccess {
		return dns.RcodeToString[answer.Rcode], nil
	}
	var addresses []string
	for _, rr := range answer.Answer {
		if a, is := rr.(*dns.A); is {
			addresses = append(addresses, a.A.String())
		}
	}
	if len(addresses) == 0 {
		return "no address", nil
	}
	return strings.Join(addresses, ", "), nil
}
