package engine

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/network"
	"github.com/fleetdrill/fleetdrill/drill/signer"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// joinWithin is how long a drill waits for the first certificates: a region that has none by then goes on without, and gets it
// as soon as it answers.
const joinWithin = 10 * time.Second

// signer makes the fleet's signer; nil where it has no identities.
func (e *Engine) signer() (*signer.Signer, error) {
	if !topology.Secured(e.cfg.Spec) {
		return nil, nil
	}
	return signer.New(signer.Config{
		Fleet: e.cfg.Spec, Folder: e.cfg.Keys, Clock: e.clock, Now: e.cfg.Now, Report: func(b drill.Body) { e.bus.Emit(b) },
	})
}

// join makes the clients that ask without a certificate: by them the router probes regions, as load balancers do, and the
// signer asks for what certificates are to be signed. Where the fleet has a hub both go by way of it.
func (p *parts) join(links *network.Network, token string) map[string]*wire.Client {
	probes, signs := map[string]*wire.Client{}, map[string]*wire.Client{}
	for _, r := range p.spec.Regions {
		if p.hub != nil {
			probes[r.Name] = p.hub.Client(r.Name)
			signs[r.Name] = probes[r.Name]
			continue
		}
		url := links.ControlURL(r.Name)
		probes[r.Name] = controlClient(url, r.Name, token, nil)
		signs[r.Name] = controlClient(url, r.Name, wire.Inside(token, r.Name), nil)
	}
	if p.signer == nil {
		return probes
	}
	if hub := p.spec.Hub; hub != nil {
		signs[hub.Name] = controlClient(links.ControlURL(hub.Name), hub.Name, wire.Inside(token, hub.Name), nil)
	}
	p.signer.Reach(signs)
	return probes
}
