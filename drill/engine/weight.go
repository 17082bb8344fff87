package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// slowestDisk is the rate, in bytes a second, at which a preload is given up: a
// tenth of what a laptop's slow disk writes, all regions sharing it.
const slowestDisk = 2 << 20

// preloadLimit is how long a dataset's weight may take to be written in every region.
func preloadLimit(d drill.Dataset) time.Duration {
	return 30*time.Second + time.Duration(d.Weight/slowestDisk)*time.Second
}

// preload fills new replicas with the dataset's weight, all at once, and shows
// how far each is.
func (k *keeper) preload(ctx context.Context) error {
	if k.spec.Weight == 0 || k.loaded {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, preloadLimit(k.spec))
	defer cancel()
	stage := "preload " + k.spec.Name
	errs := make(chan error, len(k.spec.Regions))
	for _, region := range k.spec.Regions {
		tell := func(status drill.StageStatus, detail string) {
			k.emit(drill.StageEntered{Region: region, Stage: stage, Of: 1, Status: status, Detail: detail})
		}
		tell(drill.StageRunning, fmt.Sprintf("%d MiB", k.spec.Weight>>20))
		go func() {
			s, err := k.client(region).Preload(ctx, k.spec.Name, k.spec.Weight, region == k.spec.Authority)
			if err != nil {
				tell(drill.StageFailed, err.Error())
				errs <- fmt.Errorf("preload %s in %s: %w", k.spec.Name, region, err)
				return
			}
			tell(drill.StageDone, fmt.Sprintf("%d MiB held", s.Bytes>>20))
			errs <- nil
		}()
	}
	var failed error
	for range k.spec.Regions {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	k.loaded = failed == nil
	return failed
}

// reseed makes a replica lose its disk and copy everything anew.
func (k *keeper) reseed(ctx context.Context, c drill.Command) outcome {
	lead, _ := k.leader()
	switch {
	case !k.holds(c.Region):
		return refuse(fmt.Sprintf("choose one of %v", k.spec.Regions), fmt.Errorf("%s holds no replica of %s", c.Region, k.spec.Name))
	case k.open != nil:
		return refuse("wait for the failover", fmt.Errorf("%s has no authority to copy from now", k.spec.Name))
	case c.Region == lead:
		return refuse("switch over first", fmt.Errorf("%s leads %s: every write that is nowhere else would be gone", lead, k.spec.Name))
	case !k.router.Up(c.Region):
		return refuse("restore it first", fmt.Errorf("%s is down", c.Region))
	}
	held, _, _ := k.watch.replica(c.Region, k.spec.Name)
	if held.AuthorityPosition == nil || held.Authority != lead {
		// Its own tail is compared, and exported, when it first hears from the authority.
		return refuse("wait until it copies from "+lead, fmt.Errorf("%s has not heard from %s yet: writes that it alone has would be gone", c.Region, lead))
	}
	asking, cancel := k.whileUp(ctx, preloadLimit(k.spec), lead, c.Region)
	defer cancel()
	if _, err := k.client(c.Region).Reseed(asking, k.spec.Name); err != nil {
		return outcome{err: because(asking, err), next: "look at the replica with `fleetdrill status`"}
	}
	k.gone[c.Region] = k.absent(c.Region)
	k.gone[c.Region].copied = 0 // it counts from here
	return outcome{proof: fmt.Sprintf("%s dropped %d bytes of %s and copies them from %s", c.Region, held.Bytes, k.spec.Name, lead)}
}
