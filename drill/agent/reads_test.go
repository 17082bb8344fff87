package agent

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/web"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The nearest region is read from; one that was silent comes last, until one request has
// found out that it is back.
func TestOrderOfReads(t *testing.T) {
	now := time.Duration(0)
	f := &far{now: func() time.Duration { return now }, silent: map[string]silence{}}
	rtt := map[string]time.Duration{"a": 80 * time.Millisecond, "b": 20 * time.Millisecond, "c": 200 * time.Millisecond}
	expect := func(when string, want ...string) {
		t.Helper()
		if got := f.order([]string{"a", "b", "c"}, rtt); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	expect("at first", "b", "a", "c")
	f.heard("b", false)
	expect("b is silent", "a", "c", "b")
	now = passOver
	expect("one tries b again", "b", "a", "c")
	expect("the next does not, meanwhile", "a", "c", "b")
	f.heard("b", false)
	now = 2 * passOver
	expect("it was silent again: not so soon", "a", "c", "b")
	now = 3 * passOver
	expect("one tries b once more", "b", "a", "c")
	f.heard("b", true)
	expect("b is back", "b", "a", "c")
}

// A region that keeps no replica reads where the data is: from the nearest, and from
// another where that does not answer.
func TestARegionWithoutAReplicaReadsElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b func(address string) string
		from string
	}{
		"the nearest":           {here, here, "b"},
		"the nearest is gone":   {here, gone(t), "a"},
		"the nearest is silent": {here, hangs(t), "a"},
		"nobody answers":        {gone(t), gone(t), ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, nil, "a", "b", "c")
			l.data.Regions = []string{"a", "b"}
			l.lead("a", 1)
			if _, err := l.write("c", "w"); err != nil {
				t.Fatal(err)
			}
			wait(t, "b to have the write", func() bool { return l.count("b") == 1 })
			top := l.topology("c", "a", 1)
			top.RTT = map[string]time.Duration{"a": 80 * time.Millisecond, "b": 20 * time.Millisecond}
			top.Peers["a"], top.Peers["b"] = tt.a(l.regions["a"].url()), tt.b(l.regions["b"].url())
			c := l.regions["c"].client
			must(t, func(ctx context.Context) error { _, err := c.PutTopology(ctx, top); return err })
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			found, err := c.Read(ctx, orders, "w", "")
			switch {
			case tt.from != "" && (err != nil || !found.Found || found.Region != tt.from):
				t.Errorf("%+v, %v; want it found in %s", found, err, tt.from)
			case tt.from == "" && (!errors.Is(err, wire.ErrUpstream) || !strings.Contains(err.Error(), "keeps no replica")):
				t.Errorf("%v, want that nobody who keeps a replica answers", err)
			}
		})
	}
}

func here(address string) string             { return address }
func gone(t *testing.T) func(string) string  { return func(string) string { return refused(t) } }
func hangs(t *testing.T) func(string) string { return func(string) string { return silent(t) } }

// Residency holds for reads over a link as well.
func TestAPinnedDatasetIsNotReadElsewhere(t *testing.T) {
	l := newLab(t, nil, "a", "c")
	l.data.Regions = []string{"a"}
	l.lead("a", 1)
	l.data.Mode, l.data.Jurisdiction = topology.ModePinned, "EU"
	top := l.topology("c", "a", 1)
	top.Jurisdictions = map[string]string{"a": "EU", "c": "US"}
	c := l.regions["c"].client
	must(t, func(ctx context.Context) error { _, err := c.PutTopology(ctx, top); return err })
	if _, err := c.Read(t.Context(), orders, "w", ""); !errors.Is(err, store.ErrPinned) {
		t.Errorf("%v, want ErrPinned", err)
	}
}

// What any page in a browser can send (a form, a beacon: no token, no JSON) is no write, at the
// gateway and at each web replica.
func TestAStrangersWriteIsRefused(t *testing.T) {
	l := newLab(t, nil, "us-east")
	l.lead("us-east", 1)
	us := l.regions["us-east"]
	replica := httptest.NewServer(web.New(web.Config{
		Region: "us-east", Name: "web-1", Token: testToken, Timeout: ackWithin, Gateway: us.client, Clock: func() time.Duration { return 0 },
	}))
	defer replica.Close()
	for _, door := range []string{us.url(), replica.URL} {
		res, err := http.Post(door+"/app/orders", "text/plain", strings.NewReader(`{"id":"forged"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", door, res.StatusCode)
		}
	}
	if n := l.count("us-east"); n != 0 {
		t.Errorf("%d entries are stored", n)
	}
}

// A region that has just started, and was told nothing yet, has lost nothing: it knows of no
// authority, as for a write.
func TestARegionThatHasJustStartedIsNotWithoutData(t *testing.T) {
	l := newLab(t, nil, "a", "b")
	if _, err := l.regions["a"].client.Read(t.Context(), orders, "x", ""); !errors.Is(err, wire.ErrNoAuthority) {
		t.Errorf("a read: %v", err)
	}
}

// answers is a store that answers every read so.
type answers struct {
	storeTier
	err error
}

func (a *answers) Lookup(context.Context, string, string, bool) (wire.Found, error) {
	return wire.Found{}, a.err
}

// A region's own store is passed over once it is silent, and not because it refused a read.
func TestARefusalIsNoSilence(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want []string
	}{
		"it answers":          {nil, []string{"here", "there"}},
		"it refuses":          {&wire.Error{Code: wire.CodeBad, Region: "here"}, []string{"here", "there"}},
		"who asked has gone":  {context.Canceled, []string{"here", "there"}},
		"it does not answer":  {context.DeadlineExceeded, []string{"there", "here"}},
		"it is not reachable": {errors.New("connection refused"), []string{"there", "here"}},
	} {
		f := &far{now: func() time.Duration { return 0 }, silent: map[string]silence{}}
		g := &gateway{region: "here", store: &answers{err: tt.err}, far: f}
		if _, err := g.readHere(t.Context(), "orders", "w1", time.Second); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", name, err)
		}
		if got := f.order([]string{"here", "there"}, map[string]time.Duration{"there": time.Millisecond}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v are asked next, want %v", name, got, tt.want)
		}
	}
}
