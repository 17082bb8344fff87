// Package gateway asks a region's gateway from outside, as users and the global router do:
// whether it answers as the region that is meant, refuses, or stays without an answer.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// ProbeWithin is how long one probe of a region that is awaited may take. It is short,
	// because a region answers in a millisecond or not at all.
	ProbeWithin = 500 * time.Millisecond
	// refuseWithin is how long the port of a region that was killed may go on accepting.
	refuseWithin = 5 * time.Second
	// unservedWithin is how long a gateway may go on serving users whose web tier was killed: a kubelet that has just lost its
	// API server took ten seconds to hear of it, on two busy cores.
	unservedWithin = 30 * time.Second
	// healthLimit bounds what is read of an answer, in bytes.
	healthLimit = 64 << 10
)

// probing has a fresh connection for each probe: a kept one would say nothing of
// whether new ones get through.
var probing = &http.Client{Transport: &http.Transport{
	DisableKeepAlives:  true,
	DisableCompression: true,
	DialContext:        (&net.Dialer{Timeout: ProbeWithin}).DialContext,
}}

// Probe asks a gateway for its health and checks that the region answers that is
// meant, since an address can belong to another one after a restart.
func Probe(ctx context.Context, address, region string) (wire.Health, error) {
	return probe(ctx, address, wire.PathHealth, region)
}

// ProbeLive asks a gateway for its own health, which it has without a web replica too.
func ProbeLive(ctx context.Context, address, region string) (wire.Health, error) {
	return probe(ctx, address, wire.PathLive, region)
}

func probe(ctx context.Context, address, path, region string) (wire.Health, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return wire.Health{}, err
	}
	res, err := probing.Do(req)
	if err != nil {
		return wire.Health{}, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return wire.Health{}, fmt.Errorf("gateway at %s: %s", address, res.Status)
	}
	var health wire.Health
	if err := json.NewDecoder(io.LimitReader(res.Body, healthLimit)).Decode(&health); err != nil {
		return wire.Health{}, fmt.Errorf("gateway at %s: answer not understood: %w", address, err)
	}
	if health.Region != region {
		return wire.Health{}, fmt.Errorf("gateway at %s: answers as region %q, not %s", address, health.Region, region)
	}
	return health, nil
}

// ServesNobody probes until a region's gateway answers for itself and says that nobody is served. Silence says neither.
func ServesNobody(ctx context.Context, address, region string) error {
	ctx, cancel := context.WithTimeout(ctx, unservedWithin)
	defer cancel()
	for {
		served, err := served(ctx, address, region)
		if err == nil && !served {
			return nil
		}
		if err == nil {
			err = errors.New("it still serves users")
		}
		if !pause.For(ctx, 20*time.Millisecond) {
			return fmt.Errorf("the gateway at %s serves somebody: %w", address, err)
		}
	}
}

// served reports what one probe finds; the error is of one without an answer.
func served(ctx context.Context, address, region string) (bool, error) {
	bounded, cancel := context.WithTimeout(ctx, ProbeWithin)
	defer cancel()
	if _, err := ProbeLive(bounded, address, region); err != nil {
		return false, err
	}
	_, err := Probe(bounded, address, region)
	if bounded.Err() != nil {
		return false, err
	}
	return err == nil, nil
}

// Refuses dials until the connection is refused, which no live region does.
func Refuses(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, refuseWithin)
	defer cancel()
	var last error
	for {
		conn, err := (&net.Dialer{Timeout: ProbeWithin}).DialContext(ctx, "tcp", address)
		switch {
		case err == nil:
			_ = conn.Close()
			last = errors.New("it still accepts connections")
		case errors.Is(err, syscall.ECONNREFUSED):
			return nil
		default:
			last = err
		}
		if !pause.For(ctx, 5*time.Millisecond) {
			return fmt.Errorf("port %s does not refuse: %w", address, last)
		}
	}
}
