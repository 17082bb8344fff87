// Package provision gives the regions of a fleet that is brought up without a drill what they run: their first certificates, and their first
// reconciliation. A drill does the same by the same parts (signer, governor), and goes on with both.
package provision

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/signer"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Config is what regions are given, and how they are reached.
type Config struct {
	Fleet    topology.Fleet
	Platform fleet.Platform
	Keys     string           // folder of the certificate authorities' keys, as drills that join the fleet have it
	Now      func() time.Time // the machine's clock
	Report   func(drill.Body)
}

// Provision is under way from before a fleet is up; nil is of one whose platform gives regions what they run.
type Provision struct {
	cfg     Config
	folder  string // of the repository, which nobody needs once regions have its first revision: a drill makes its own
	opening *governor.Opening
}

// Begin opens the fleet's repository, which goes on while the fleet comes up. End has to be called.
func Begin(ctx context.Context, c Config) (*Provision, error) {
	platform, can := c.Platform.(fleet.Governed)
	if c.Fleet.Config == nil || !can {
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "fleetdrill-config-")
	if err != nil {
		return nil, fmt.Errorf("make the repository: %w", err)
	}
	return &Provision{cfg: c, folder: folder, opening: governor.Open(ctx, c.Fleet, folder, c.Now, platform)}, nil
}

// End ends what is not done, and removes what was made for it.
func (p *Provision) End() error {
	if p == nil {
		return nil
	}
	p.opening.End()
	return os.RemoveAll(p.folder)
}

// Regions gives every region of a fleet that is up its first revision, and returns once all run it. They are asked where they are, past
// their hub.
func (p *Provision) Regions(ctx context.Context) error {
	if p == nil {
		return nil
	}
	clock := bus.New(p.cfg.Now, nil, nil).Clock() // nothing is told there
	signs, err := p.signer(ctx, clock)
	if err != nil {
		return err
	}
	signing, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer func() { stop(); all.Wait() }()
	if signs != nil { // the first reconciliation waits for certificates
		all.Go(func() { signs.Run(signing) })
	}
	clients := map[string]*wire.Client{}
	for _, region := range p.cfg.Fleet.RegionNames() {
		if clients[region], err = p.client(ctx, region, p.cfg.Platform.Token(), signs.Secure(region)); err != nil {
			return err
		}
	}
	g, err := p.governor(clients, clock)
	if err != nil {
		return err
	}
	if err := g.First(ctx); err != nil {
		return err
	}
	return answering(ctx, p.cfg.Fleet, clients)
}

// answersWithin is how long web replicas that are ready may take to be reached through their gateway: a cluster's nodes are told of them
// once a second.
const answersWithin = 15 * time.Second

// answering waits until each region that has web replicas answers by one of them.
func answering(ctx context.Context, f topology.Fleet, clients map[string]*wire.Client) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	for _, region := range slices.Sorted(maps.Keys(clients)) {
		if f.WebReplicas(region) == 0 {
			continue
		}
		for {
			_, err := clients[region].Health(ctx)
			if err == nil {
				break
			}
			if !pause.For(ctx, answerEvery) {
				return fmt.Errorf("no web replica of %s answers within %s, though one is ready: %w", region, format.Span(answersWithin), err)
			}
		}
	}
	return nil
}

// answerEvery is how often a region is asked until then.
const answerEvery = 50 * time.Millisecond

func (p *Provision) governor(clients map[string]*wire.Client, clock bus.Clock) (*governor.Governor, error) {
	direct := func(region string) *wire.Client { return clients[region] }
	platform, _ := p.cfg.Platform.(fleet.Governed)
	c := governor.Config{
		Opening: p.opening, Direct: direct, Reconciler: direct, Clock: clock, Wall: p.cfg.Now,
		Emit: func(body drill.Body) drill.Event {
			p.cfg.Report(body)
			return drill.Event{Body: body}
		},
		Wanted: platform.Govern, Scaled: func(string, int, time.Duration, string) {}, // who joins the fleet counts them
	}
	c.Clusters, _ = p.cfg.Platform.(fleet.Clusters)
	return governor.New(c)
}

// signer is the fleet's; nil where it has no identities.
func (p *Provision) signer(ctx context.Context, clock bus.Clock) (*signer.Signer, error) {
	if !topology.Secured(p.cfg.Fleet) {
		return nil, nil
	}
	s, err := signer.New(signer.Config{Fleet: p.cfg.Fleet, Folder: p.cfg.Keys, Clock: clock, Now: p.cfg.Now, Report: p.cfg.Report})
	if err != nil {
		return nil, err
	}
	clients := map[string]*wire.Client{}
	for _, name := range p.cfg.Fleet.Standing().RegionNames() {
		if clients[name], err = p.client(ctx, name, wire.Inside(p.cfg.Platform.Token(), name), nil); err != nil {
			return nil, err
		}
	}
	s.Reach(clients)
	return s, nil
}

// client asks a region where it is.
func (p *Provision) client(ctx context.Context, region, token string, secure wire.Secure) (*wire.Client, error) {
	address, err := p.cfg.Platform.Address(ctx, region)
	if err != nil {
		return nil, err
	}
	const kept = 4 // connections: what a reconciler asks a region at once
	return wire.NewClient(wire.ClientConfig{Base: "http://" + address, Region: region, Token: token, HTTP: &http.Client{Transport: wire.NewShortOver(secure, kept)}}), nil
}
