package network

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// open is a network of three regions, which are one server that answers everybody.
func open(t *testing.T) *Network {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("here")) }))
	t.Cleanup(server.Close)
	began := time.Now()
	n, err := New(Config{
		Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}},
			Links:    []topology.Link{{Between: [2]string{"a", "b"}, RTT: 20 * time.Millisecond}},
			Users:    []topology.Population{{Name: "near", RTT: map[string]time.Duration{"a": 2 * time.Millisecond}}},
			Datasets: []topology.Dataset{{Name: "orders"}},
		},
		Listen: "127.0.0.1", Advertise: "127.0.0.1",
		Address: func(context.Context, string) (string, error) { return strings.TrimPrefix(server.URL, "http://"), nil },
		Now:     func() time.Duration { return time.Since(began) },
		Probe: func(ctx context.Context, url, _ string) (bool, error) {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			resp, err := client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			return err != nil && ctx.Err() != nil, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// Each hold is lifted by itself: a region that is isolated and partitioned stays silent
// until both are over, one way stays one way.
func TestEachHoldIsLiftedByItself(t *testing.T) {
	n := open(t)
	cut := func(a, b string) link.Cut { return n.between(a, b).Cut() }
	n.Isolate("region a", "a")
	if err := n.Silence("partition", [][2]string{{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	both, out := link.Cut{AtoB: true, BtoA: true}, link.Cut{AtoB: true}
	if cut("a", "b") != both || cut("a", "c") != both || cut("control", "a") != both || cut("near", "a") != both || n.Silent("b", "c") {
		t.Error("not every link of a is silent, or another is")
	}
	if !n.Lift("region a") || cut("a", "b") != out || n.Silent("a", "c") || n.Silent("near", "a") {
		t.Errorf("after the region's hold: a–b %+v, a–c %v", cut("a", "b"), n.Silent("a", "c"))
	}
	if n.Lift("region a") {
		t.Error("a hold was lifted twice")
	}
	if n.Lift("partition"); n.Silent("a", "b") {
		t.Error("still silent")
	}
	if err := n.Silence("nowhere", [][2]string{{"a", "mars"}}); err == nil {
		t.Error("a link to nowhere was silenced")
	}
}

// Shapes lie over one another and over what the fleet file says; the later first.
func TestShapesLieOverOneAnother(t *testing.T) {
	n := open(t)
	shape := func() (link.Shape, link.Shape) { return n.between("a", "b").Shape() }
	made := link.Shape{RTT: 20 * time.Millisecond}
	both := [][2]string{{"a", "b"}, {"b", "a"}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(n.Reshape("slow", both, topology.Shape{RTT: time.Second, Bandwidth: 1e6}))
	must(n.Reshape("lossy", [][2]string{{"b", "a"}}, topology.Shape{Loss: 0.1, Bandwidth: 2e6}))
	ab, ba := shape()
	if want := (link.Shape{RTT: time.Second, Bandwidth: 1e6}); ab != want {
		t.Errorf("a to b %+v, want %+v", ab, want)
	}
	if want := (link.Shape{RTT: time.Second, Bandwidth: 2e6, Loss: 0.1}); ba != want {
		t.Errorf("b to a %+v, want %+v", ba, want)
	}
	n.Lift("slow")
	if ab, ba = shape(); ab != made || ba != (link.Shape{RTT: 20 * time.Millisecond, Bandwidth: 2e6, Loss: 0.1}) {
		t.Errorf("after slow: %+v, %+v", ab, ba)
	}
	n.Lift("lossy")
	if ab, ba = shape(); ab != made || ba != made {
		t.Errorf("after all: %+v, %+v", ab, ba)
	}
}

// A probe measures the link that it crosses, and tells silence from an answer.
func TestAProbeMeasuresItsLink(t *testing.T) {
	n := open(t)
	before, _, err := n.Probe(t.Context(), "b", "a", 5*time.Second)
	if err != nil || before < 40*time.Millisecond {
		t.Fatalf("an answer in %s, %v; a handshake and a request are two round trips", before, err)
	}
	if err := n.Reshape("slow", [][2]string{{"a", "b"}, {"b", "a"}}, topology.Shape{RTT: 120 * time.Millisecond, Loss: 0.3}); err != nil {
		t.Fatal(err)
	}
	after, _, err := n.Probe(t.Context(), "a", "b", 20*time.Second)
	if err != nil || after < 240*time.Millisecond {
		t.Errorf("an answer in %s, %v", after, err)
	}
	for range 20 {
		if n.Resent("a", "b")+n.Resent("b", "a") > 0 {
			break
		}
		_, _, _ = n.Probe(t.Context(), "a", "b", 20*time.Second)
	}
	if n.Resent("a", "b")+n.Resent("b", "a") == 0 {
		t.Error("nothing was sent again at 30 % loss")
	}
	n.Lift("slow")
	if err := n.Silence("cut", [][2]string{{"b", "a"}}); err != nil {
		t.Fatal(err)
	}
	if _, silent, err := n.Probe(t.Context(), "a", "b", 200*time.Millisecond); err == nil || !silent {
		t.Errorf("silent %v, %v over a link that is cut one way", silent, err)
	}
	if passed := n.Passed("a", "b"); passed == 0 {
		t.Error("no byte was counted")
	}
	var names []string
	for _, l := range n.Sample().Links {
		names = append(names, l.From+"→"+l.To)
	}
	if slices.ContainsFunc(names, func(s string) bool { return strings.Contains(s, topology.EndControl) }) || len(names) != 12 {
		t.Errorf("sampled %v", names)
	}
}

// TestTransitIsOfTheLastSamples holds that a measured transit is a mean of what crossed lately, and unknown where nothing did.
func TestTransitIsOfTheLastSamples(t *testing.T) {
	at := func(reads uint64, took time.Duration) link.Transit { return link.Transit{Reads: reads, Took: took} }
	if got := transitSince(at(4, time.Second), at(4, time.Second)); got != nil {
		t.Errorf("nothing crossed in %s", *got)
	}
	if got := transitSince(at(4, time.Second), at(6, time.Second+90*time.Millisecond)); got == nil || *got != 45*time.Millisecond {
		t.Errorf("two reads took %v each, want 45 ms", got)
	}
}

// A client through a link that two faults cut hears nothing until both are lifted, whichever is lifted first, and hears the
// region again then. It asks as a region's peer does, and knows nothing of holds.
func TestAClientHearsNothingUntilBothCutsAreLifted(t *testing.T) {
	for _, first := range []string{"partition of a and b", "partition of a and others"} {
		n := open(t)
		url := n.PeerURLs("a", "")["b"]
		hears := func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // seven round trips and a half
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			return err == nil
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if !hears() {
			t.Fatal("it hears nothing over a whole link")
		}
		must(n.Silence("partition of a and b", [][2]string{{"a", "b"}, {"b", "a"}}))
		must(n.Silence("partition of a and others", [][2]string{{"a", "b"}, {"b", "a"}, {"a", "c"}, {"c", "a"}}))
		if hears() {
			t.Error("it hears b over a link that is cut twice")
		}
		n.Lift(first)
		if hears() {
			t.Errorf("it hears b once the %s is over, and the other holds", first)
		}
		n.Lift("partition of a and b")
		n.Lift("partition of a and others")
		if !hears() {
			t.Error("it does not hear b once both are over")
		}
	}
}
