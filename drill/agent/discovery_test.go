package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/network/names"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// quick asks often enough for a test.
var quick = topology.Probe{Every: 10 * time.Millisecond, Timeout: 200 * time.Millisecond, DownAfter: 2}

// found is what a region's gateway says that it found.
func (l *lab) found(region string) wire.Discovered {
	l.t.Helper()
	var out wire.Discovered
	must(l.t, func(ctx context.Context) error {
		st, err := l.regions[region].client.Status(ctx)
		if err == nil && len(st.Discovered) != 1 {
			return fmt.Errorf("%s found %+v", region, st.Discovered)
		}
		if err == nil {
			out = st.Discovered[0]
		}
		return err
	})
	return out
}

// awaitEndpoints waits until a region has these, and no others.
func (l *lab) awaitEndpoints(region string, want ...string) {
	l.t.Helper()
	wait(l.t, fmt.Sprintf("the endpoints %v in %s", want, region), func() bool { return slices.Equal(l.found(region).Endpoints, want) })
}

// outcomes is how ten writes by way of a region end: confirmed, without an answer, or without an endpoint.
func (l *lab) outcomes(via, prefix string) (confirmed, unanswered, none int) {
	l.t.Helper()
	for i := range 10 {
		switch _, err := l.write(via, fmt.Sprintf("%s-%d", prefix, i)); {
		case err == nil:
			confirmed++
		case errors.Is(err, wire.ErrUpstream):
			unanswered++
		case errors.Is(err, wire.ErrNoAuthority):
			none++
		default:
			l.t.Errorf("write: %v", err)
		}
	}
	return confirmed, unanswered, none
}

// A user of region c whose leader a dies and is followed by b: what that user sees depends on how c finds the leader.
func TestADeadEndpointAsAUserSeesIt(t *testing.T) {
	t.Parallel()
	type seen struct{ confirmed, unanswered, none int }
	for kind, want := range map[string]struct{ dead, moved seen }{
		topology.DiscoveryMirror: {dead: seen{unanswered: 10}, moved: seen{confirmed: 5, unanswered: 5}},
		topology.DiscoveryFleet:  {dead: seen{none: 10}, moved: seen{confirmed: 10}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, nil, "a", "b", "c")
			l.discovery = &wire.Discovery{Kind: kind, Probe: quick}
			l.lead("a", 1)
			l.awaitEndpoints("c", "a")
			if ok, _, _ := l.outcomes("c", "before"); ok != 10 {
				t.Fatalf("%d of 10 writes were confirmed while a leads", ok)
			}
			l.regions["a"].stop(t)
			if kind == topology.DiscoveryFleet {
				l.awaitEndpoints("c")
			}
			var got seen
			if got.confirmed, got.unanswered, got.none = l.outcomes("c", "dead"); got != want.dead {
				t.Errorf("while a is dead: %+v, want %+v", got, want.dead)
			}
			l.former = map[string]string{"a": l.regions["a"].url()}
			delete(l.regions, "a")
			l.lead("b", 2)
			if kind == topology.DiscoveryFleet {
				l.awaitEndpoints("c", "b")
			} else {
				l.awaitEndpoints("c", "a", "b")
			}
			if got.confirmed, got.unanswered, got.none = l.outcomes("c", "moved"); got != want.moved {
				t.Errorf("while b leads: %+v, want %+v", got, want.moved)
			}
			f := l.found("c")
			if stale := uint64(want.dead.unanswered + want.moved.unanswered); f.Stale != stale || f.Unanswered != stale || f.None != uint64(want.dead.none) || f.Kind != kind {
				t.Errorf("it counted %+v, want %d stale calls", f, stale)
			}
			if (f.Spell != nil) != (f.Stale > 0) {
				t.Errorf("spell %+v of %d stale calls", f.Spell, f.Stale)
			}
		})
	}
}

// A name's address is used until its TTL is over, whoever leads by then: b refuses nobody, and nobody asks it.
func TestAKeptNameAsAUserSeesIt(t *testing.T) {
	t.Parallel()
	l := newLab(t, nil, "a", "b", "c")
	leader := make(chan string, 1)
	leader <- "a"
	server, err := names.Start(names.Config{
		Zone: "mine.test", Regions: []string{"c"}, Datasets: []string{orders}, TTL: time.Second, Listen: "127.0.0.1", Advertise: "127.0.0.1",
		Leader: func(string) string { now := <-leader; leader <- now; return now },
		Peers: func(string, string) map[string]string {
			return map[string]string{"a": l.regions["a"].url(), "b": l.regions["b"].url()}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	for cache, moves := range map[string]bool{topology.CacheTTL: true, topology.CacheProcess: false} {
		l.discovery = &wire.Discovery{Kind: topology.DiscoveryBareDNS, Server: server.Addr(), Zone: names.ZoneOf("mine.test", "c"), Cache: cache, Probe: quick}
		epoch := uint64(2 * (l.version + 1))
		<-leader
		leader <- "a"
		l.lead("a", epoch)
		written, err := l.write("c", "before-"+cache)
		if err != nil || written.Authority != "a" {
			t.Fatalf("%s: %+v, %v", cache, written, err)
		}
		began := time.Now()
		<-leader
		leader <- "b"
		must(t, func(ctx context.Context) error {
			_, err := l.regions["a"].client.Fence(ctx, orders, epoch+1)
			return err
		})
		l.lead("b", epoch+1)
		refused := 0
		for i := 0; ; i++ {
			written, err = l.write("c", fmt.Sprintf("after-%s-%d", cache, i))
			if err == nil || time.Since(began) > 1500*time.Millisecond {
				break
			}
			refused++
			time.Sleep(20 * time.Millisecond)
		}
		took := time.Since(began)
		switch {
		case moves && (err != nil || written.Authority != "b" || took < 900*time.Millisecond):
			t.Errorf("%s: %+v, %v after %s: want b once the TTL of a second is over", cache, written, err, took)
		case !moves && err == nil:
			t.Errorf("%s: %+v after %s: want a dead address for as long as the process runs", cache, written, took)
		}
		if refused == 0 {
			t.Errorf("%s: no call went to the old leader", cache)
		}
	}
}
