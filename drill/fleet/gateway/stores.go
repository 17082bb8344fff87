package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Faults of what keeps a region's data, while its gateway and its web tier go on. They are the same on every platform: the
// region's agent does them, below its engines.

// errNoReplica: there is nothing whose disk could fail.
var errNoReplica = errors.New("no replica is open in it")

// Stores is what keeps the data of a region, as asked for by way of its gateway.
type Stores struct{ client *wire.Client }

// StoresAt is those of the region whose gateway listens at an address. Token is the fleet's.
func StoresAt(address, region, token string) Stores {
	return Stores{wire.NewClient(wire.ClientConfig{Base: "http://" + address, Region: region, Token: wire.Inside(token, region), HTTP: probing})}
}

// Break has the disk under each of a region's replicas fail. It is proved by a write that each of them tried since, and by
// the gateway and the web tier, which answer as if nothing was: also that there is no replica, or more asked than it takes,
// since a standby without a web tier has a disk too. Where one can't be broken none is left so.
func (s Stores) Break(ctx context.Context, fault store.DiskFault) (string, error) {
	status, err := s.client.Status(ctx)
	if err == nil && len(status.Stores) == 0 {
		err = errNoReplica
	}
	if err != nil {
		return "", err
	}
	var found []string
	for _, r := range status.Stores {
		tried, err := wire.SetDisk(ctx, s.client, r.Dataset, fault)
		if err != nil {
			return "", errors.Join(fmt.Errorf("%s: %w", r.Dataset, err), s.Mend(context.WithoutCancel(ctx)))
		}
		found = append(found, shows(r.Dataset, tried))
	}
	web := "; its gateway and web tier answer"
	switch _, err := s.client.Health(ctx); {
	case err == nil, errors.Is(err, wire.ErrShed):
	case errors.Is(err, wire.ErrNoWeb):
		web = "; its gateway answers, and has no web replica"
	default:
		return "", errors.Join(fmt.Errorf("its stores fail, but its web tier does not answer: %w", err), s.Mend(context.WithoutCancel(ctx)))
	}
	return strings.Join(found, ", ") + web, nil
}

// shows is what came of a write that met a fault.
func shows(dataset string, tried wire.DiskTried) string {
	if tried.Refused != "" {
		return fmt.Sprintf("a write to %s is refused: no space left on device", dataset)
	}
	return fmt.Sprintf("a write to %s has not completed in %d ms", dataset, tried.Waited.Milliseconds())
}

const (
	// mendWithin is how long a region may take to say how the disks of its replicas are. It answers within 300 ms, however they
	// are; what does not is starved by its machine.
	mendWithin = 10 * time.Second
	// askEvery is how long after an answer that did not come it is asked again.
	askEvery = 50 * time.Millisecond
)

// Mend has the disks of a region's replicas work again that were made to fail. It returns once each has taken a write. A region
// that does not say how they are is asked again: what goes on to fail must not count as mended.
func (s Stores) Mend(ctx context.Context) error {
	all, err := s.ask(ctx)
	if err != nil {
		return fmt.Errorf("ask how its stores' disks are: %w", err)
	}
	for _, r := range all {
		if r.Disk == store.DiskWorks {
			continue
		}
		if _, err := wire.SetDisk(ctx, s.client, r.Dataset, store.DiskWorks); err != nil {
			return fmt.Errorf("%s: %w", r.Dataset, err)
		}
	}
	return nil
}

// ask is how a region's replicas are, as soon as it says so.
func (s Stores) ask(ctx context.Context) ([]store.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, mendWithin)
	defer cancel()
	for {
		asking, stop := context.WithTimeout(ctx, ProbeWithin)
		status, err := s.client.Status(asking)
		stop()
		if err == nil {
			return status.Stores, nil
		}
		if !pause.For(ctx, askEvery) {
			return nil, err
		}
	}
}
