package signer

import (
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// againAfter is how long nobody may have been refused for a reason until it is told again.
const againAfter = 10 * time.Second

// teller knows what was told of whom.
type teller struct {
	last  map[string]identity.Status
	since map[refusal]seen
}

// refusal is one kind of refusal.
type refusal struct {
	who, peer string
	why       identity.Reason
	called    bool
}

type seen struct {
	times uint64
	at    time.Duration
}

// tell reports what has changed of what somebody holds, and whom it refuses.
func (s *Signer) tell(who string, st identity.Status) {
	st.Now = st.Now.UTC().Round(0) // without the monotonic reading, which no journal keeps
	st.Request = nil               // it is new each time, and nobody's but the signer's
	b := drill.IdentitySampled{Who: who, Status: st}
	if s.news(&b) {
		s.cfg.Report(b)
	}
}

// news says what of a sample is new; false where nothing is.
func (s *Signer) news(b *drill.IdentitySampled) bool {
	now := s.cfg.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.told
	if t.last == nil {
		t.last, t.since = map[string]identity.Status{}, map[refusal]seen{}
	}
	was, known := t.last[b.Who]
	if known && alike(was, b.Status) {
		return false
	}
	t.last[b.Who] = b.Status
	b.Renewed = was.SVID != nil && b.SVID != nil && *was.SVID != *b.SVID
	for _, r := range b.Refusals {
		key := refusal{b.Who, r.Peer, r.Reason, r.Called}
		before, told := t.since[key]
		if told && before.times == r.Times {
			continue
		}
		if !told || now-before.at > againAfter || r.Times < before.times {
			b.Refuses = append(b.Refuses, r)
		}
		t.since[key] = seen{r.Times, now}
	}
	return true
}

// alike reports whether two statuses say the same, but for what time it is.
func alike(a, b identity.Status) bool {
	sameSVID := (a.SVID == nil) == (b.SVID == nil) && (a.SVID == nil || *a.SVID == *b.SVID)
	return sameSVID && a.Ahead == b.Ahead && slices.Equal(a.Refusals, b.Refusals) &&
		maps.EqualFunc(a.Bundles, b.Bundles, slices.Equal[[]string])
}
