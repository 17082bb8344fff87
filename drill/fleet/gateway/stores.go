package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
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
// the gateway and the web tier, which answer as if nothing was. Where one can't be broken none is left so.
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
	if _, err := s.client.Health(ctx); err != nil {
		return "", errors.Join(fmt.Errorf("its stores fail, but its web tier does not answer: %w", err), s.Mend(context.WithoutCancel(ctx)))
	}
	return strings.Join(found, ", ") + "; its gateway and web tier answer", nil
}

// shows is what came of a write that met a fault.
func shows(dataset string, tried wire.DiskTried) string {
	if tried.Refused != "" {
		return fmt.Sprintf("a write to %s is refused: no space left on device", dataset)
	}
	return fmt.Sprintf("a write to %s has not completed in %d ms", dataset, tried.Waited.Milliseconds())
}

// Mend has the disks of a region's replicas work again that were made to fail. It returns once each has taken a write.
// Where the region does not say how they are, nothing is done: who awaits its answer will say why not.
func (s Stores) Mend(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, ProbeWithin)
	status, err := s.client.Status(asking)
	cancel()
	if err != nil {
		return nil
	}
	for _, r := range status.Stores {
		if r.Disk == store.DiskWorks {
			continue
		}
		if _, err := wire.SetDisk(ctx, s.client, r.Dataset, store.DiskWorks); err != nil {
			return fmt.Errorf("%s: %w", r.Dataset, err)
		}
	}
	return nil
}
