package visitor

import (
	"maps"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// tally counts what visitors asked, by population. Its methods may be called from several goroutines.
type tally struct {
	mu  sync.Mutex
	all []*counted // in the fleet's order
}

// counted is what was asked as a population's users.
type counted struct {
	telemetry.Visitor
	told [2]string // how the last request of the sample before ended: the region, the failure
	took *hdrhistogram.Histogram
	last []past // newest last, at most mostPast
}

// past is a request that ended, for the page that shows the last of them.
type past struct {
	At    time.Duration // when it ended, on the engine's clock
	Write bool
	Answer
}

// mostPast is how many requests of a population a page shows.
const mostPast = 20

// mostTook bounds a latency: what takes longer counts as this.
const mostTook = time.Minute

func newTally(f topology.Fleet) *tally {
	t := &tally{}
	for _, p := range f.Users {
		c := &counted{took: hdrhistogram.New(1, mostTook.Microseconds(), 3)}
		c.Population = p.Name
		t.all = append(t.all, c)
	}
	return t
}

func (t *tally) of(population string) *counted {
	for _, c := range t.all {
		if c.Population == population {
			return c
		}
	}
	return nil
}

// ended counts a request.
func (t *tally) ended(r Request, a Answer, at time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.of(r.Population)
	if c == nil {
		return
	}
	c.Requests++
	c.TotalRequests++
	if r.Write {
		c.TotalWrites++
	}
	c.LastRegion, c.LastFailure, c.LastTook = a.Region, a.Failure, a.Took
	if a.Failure != "" {
		c.LastRegion = ""
		c.Failed++
		c.TotalFailed++
		c.Failures = more(c.Failures, a.Failure)
		c.TotalFailures = more(c.TotalFailures, a.Failure)
	} else {
		c.ServedBy = more(c.ServedBy, a.Region)
		c.TotalServedBy = more(c.TotalServedBy, a.Region)
		_ = c.took.RecordValue(min(max(a.Took, time.Microsecond), mostTook).Microseconds()) // it can't fail within these bounds
	}
	a.Payload = nil // the page does not show it
	c.last = append(c.last, past{at, r.Write, a})
	if len(c.last) > mostPast {
		c.last = append(c.last[:0], c.last[len(c.last)-mostPast:]...)
	}
}

func more(counts map[string]int, what string) map[string]int {
	if counts == nil {
		counts = map[string]int{}
	}
	counts[what]++
	return counts
}

// past is the last requests as a population's users, the newest first.
func (t *tally) past(population string) (all []past) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.of(population); c != nil {
		for i := range c.last {
			all = append(all, c.last[len(c.last)-1-i])
		}
	}
	return all
}

// sample is what was asked since the last call; false where nothing was.
func (t *tally) sample() (out drill.VisitorsSampled, any bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.all {
		if c.Requests == 0 {
			continue
		}
		ended := [2]string{c.LastRegion, c.LastFailure}
		v := c.Visitor
		v.Turned = ended != c.told
		v.TotalServedBy, v.TotalFailures = maps.Clone(c.TotalServedBy), maps.Clone(c.TotalFailures)
		v.TotalP50, v.TotalP99, v.TotalMax = c.quantile(0.50), c.quantile(0.99), c.quantile(1)
		out.Visitors = append(out.Visitors, v)
		c.told = ended
		c.Requests, c.Failed, c.Failures, c.ServedBy = 0, 0, nil, nil
	}
	return out, len(out.Visitors) > 0
}

// quantile is nil where too few requests were answered to have it; 1 is the longest.
func (c *counted) quantile(q float64) *time.Duration {
	n := int(c.took.TotalCount())
	if n == 0 || q < 1 && n < telemetry.LatencyNeeds(q) {
		return nil
	}
	at := time.Duration(c.took.ValueAtQuantile(q*100)) * time.Microsecond
	return &at
}

// Sample is what visitors asked since the last call, for the journal; false where nobody did.
func (s *Server) Sample() (drill.VisitorsSampled, bool) { return s.tally.sample() }
