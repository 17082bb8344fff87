package governor

import (
	"context"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// scaling is a number of web replicas that a region was given by its objects, when that was asked for, and by what.
type scaling struct {
	replicas int
	asked    time.Duration
	proof    string
}

// scalings tells of each scaling of a region once as many web replicas are ready as it is to have. It asks as a person's kubectl does:
// what it finds is for people.
type scalings struct {
	cfg    Config
	byHand map[string]reconciler.Objects
	within time.Duration // bounds a look at a region

	// newest has the newest scaling of each region in it that its watch has not taken yet; nil is that none counts any more.
	newest map[string]chan *scaling

	mu        sync.Mutex
	commanded map[string]bool // regions that a command scales now, which tells of it
}

func newScalings(c Config, names []string, as regions) *scalings {
	s := &scalings{cfg: c, byHand: as.byHand, within: max(surveyWithin, as.within), newest: map[string]chan *scaling{}, commanded: map[string]bool{}}
	for _, region := range names {
		s.newest[region] = make(chan *scaling, 1)
	}
	return s
}

// reconciled notes how many web replicas a region was given by a revision: the platform knows at once, everybody else once they are
// ready.
func (s *scalings) reconciled(region string, of scaling) {
	s.cfg.Wanted(region, of.replicas)
	s.mu.Lock()
	commanded := s.commanded[region]
	s.mu.Unlock()
	if !commanded {
		s.await(region, &of)
	}
}

// edited notes how many web replicas a region was given by hand, and tells it before it returns where they are ready already.
func (s *scalings) edited(ctx context.Context, region string, of scaling) {
	s.cfg.Wanted(region, of.replicas)
	if !s.ready(ctx, region, of.replicas) {
		s.await(region, &of)
		return
	}
	s.await(region, nil)
	s.tell(region, of)
}

// command has a command tell that a region was scaled, from now on or no longer. What was waited for before counts no more.
func (s *scalings) command(region string, on bool) {
	s.mu.Lock()
	s.commanded[region] = on
	s.mu.Unlock()
	if on {
		s.await(region, nil)
	}
}

// await has the newest scaling of a region waited for in place of the one before.
func (s *scalings) await(region string, of *scaling) {
	for {
		select {
		case s.newest[region] <- of:
			return
		case <-s.newest[region]: // nobody has taken the one before yet
		}
	}
}

// watch tells of a region's scalings until ctx ends.
func (s *scalings) watch(ctx context.Context, region string) {
	var of *scaling
	for {
		var again <-chan time.Time
		stop := func() {}
		if of != nil {
			again, stop = s.cfg.Clock.After(lookEvery)
		}
		select {
		case <-ctx.Done():
			stop()
			return
		case of = <-s.newest[region]:
			stop()
		case <-again:
		}
		if of != nil && s.ready(ctx, region, of.replicas) {
			s.tell(region, *of)
			of = nil
		}
	}
}

// ready reports whether so many web replicas of a region are.
func (s *scalings) ready(ctx context.Context, region string, replicas int) bool {
	ctx, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	health, err := s.byHand[region].Health(ctx)
	return err == nil && health.Running != nil && *health.Running == replicas
}

func (s *scalings) tell(region string, of scaling) {
	s.cfg.Scaled(region, of.replicas, s.cfg.Clock.Now()-of.asked, of.proof)
}
