package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// asked is a request that the API knows, and whether it is open to all.
var asked = []struct {
	method, path string
	open         bool
}{
	{"GET", "/healthz", true},
	{"GET", "/livez", true},
	{"GET", "/app/orders/w", false},
	{"POST", "/app/orders", false},
	{"GET", "/v1/read/orders/w", false},
	{"GET", "/v1/status", false},
	{"PUT", "/v1/topology", false},
	{"GET", "/v1/web", false},
	{"POST", "/v1/write/orders", false},
	{"POST", "/v1/store/orders/append", false},
	{"GET", "/v1/store/orders/lookup?id=w", false},
	{"GET", "/v1/store/orders/status", false},
	{"GET", "/v1/store/orders/audit?after=0", false},
	{"GET", "/v1/store/orders/diverged", false},
	{"POST", "/v1/store/orders/promote", false},
	{"POST", "/v1/store/orders/grant", false},
	{"POST", "/v1/store/orders/fence", false},
	{"POST", "/v1/store/orders/follow", false},
	{"GET", "/v1/store/orders/epoch-end?leader=1&epoch=1", false},
	{"GET", "/v1/store/orders/stream?leader=1&after=0", false},
	{"POST", "/v1/store/orders/stored", false},
	{"POST", "/v1/store/orders/preload", false},
	{"POST", "/v1/store/orders/reseed", false},
	{"GET", "/v1/store/orders/tunnel", false},
	{"GET", "/v1/peers/eu-west/v1/status", false},
}

func TestUnauthorized(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	for _, tt := range asked {
		for name, header := range map[string]http.Header{
			"no token":    {},
			"wrong token": {wire.HeaderToken: {testToken + "x"}},
			"empty token": {wire.HeaderToken: {""}},
		} {
			t.Run(fmt.Sprintf("%s %s with %s", tt.method, tt.path, name), func(t *testing.T) {
				res := get(t, tt.method, l.regions["us-east"].url()+tt.path, header)
				if tt.open {
					if res.StatusCode != http.StatusOK {
						t.Errorf("status %d, want 200 for all", res.StatusCode)
					}
					return
				}
				var e wire.Error
				if err := json.NewDecoder(res.Body).Decode(&e); err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != http.StatusUnauthorized || e.Code != wire.CodeUnauthorized || res.Header.Get(wire.HeaderRegion) != "us-east" {
					t.Errorf("status %d, region %q, %+v", res.StatusCode, res.Header.Get(wire.HeaderRegion), e)
				}
				if strings.Contains(e.Message, testToken) {
					t.Errorf("%q tells the token", e.Message)
				}
			})
		}
	}
	st, err := l.regions["us-east"].client.StoreStatus(t.Context(), orders)
	if err != nil || st.Epoch != 1 || st.Position != 0 {
		t.Errorf("after all that: %+v, %v", st, err)
	}
	stranger := l.regions["us-east"].as("us-east", "guess")
	if _, err := stranger.Fence(t.Context(), orders, 9); !errors.Is(err, wire.ErrUnauthorized) {
		t.Errorf("a stranger's client: %v, want ErrUnauthorized", err)
	}
}

func TestBadRequests(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	large := `{"id":"w","payload":"` + strings.Repeat("A", wire.MaxBody) + `"}`
	tests := []struct {
		name, method, path, body string
		status                   int
		code                     wire.Code
	}{
		{"a body that is no JSON", "POST", "/app/orders", "{", 400, wire.CodeBad},
		{"a body with something after it", "POST", "/app/orders", `{"id":"w"} {}`, 400, wire.CodeBad},
		{"no body", "POST", "/app/orders", "", 400, wire.CodeBad},
		{"no id", "POST", "/app/orders", "{}", 400, wire.CodeBad},
		{"an id with a slash", "POST", "/app/orders", `{"id":"a/b"}`, 400, wire.CodeBad},
		{"an id too long", "POST", "/app/orders", `{"id":"` + strings.Repeat("i", 129) + `"}`, 400, wire.CodeBad},
		{"a write too large", "POST", "/app/orders", large, 413, wire.CodeBad},
		{"a write too large for the gateway", "POST", "/v1/write/orders", large, 413, wire.CodeBad},
		{"a dataset that is no name", "POST", "/app/Orders!", `{"id":"w"}`, 400, wire.CodeBad},
		{"an unknown dataset", "GET", "/app/invoices/w", "", 404, wire.CodeNotFound},
		{"an unknown path", "GET", "/v1/nothing", "", 404, wire.CodeNotFound},
		{"an unknown verb", "POST", "/v1/store/orders/erase", "{}", 404, wire.CodeNotFound},
		{"the wrong method", "GET", "/v1/store/orders/promote", "", 404, wire.CodeNotFound},
		{"a stream from nowhere", "GET", "/v1/store/orders/stream?leader=1", "", 400, wire.CodeBad},
		{"a stream in an old epoch", "GET", "/v1/store/orders/stream?leader=7&after=0", "", 409, wire.CodeNotAuthority},
		{"an audit after -1", "GET", "/v1/store/orders/audit?after=-1", "", 400, wire.CodeBad},
		{"a look-up of nothing", "GET", "/v1/store/orders/lookup", "", 400, wire.CodeBad},
		{"to follow what is no region", "POST", "/v1/store/orders/follow", `{"authority":"../x","epoch":3}`, 400, wire.CodeBad},
		{"a peer that is none", "GET", "/v1/peers/mars/v1/status", "", 502, wire.CodeUpstream},
		{"a way round through two peers", "GET", "/v1/peers/eu-west/v1/peers/us-east/v1/status", "", 400, wire.CodeBad},
		{"a topology without a version", "PUT", "/v1/topology", `{"region":"us-east"}`, 400, wire.CodeBad},
		{"a topology with a peer at no address", "PUT", "/v1/topology", `{"version":9,"region":"us-east","peers":{"eu-west":"ftp://x"}}`, 400, wire.CodeBad},
		{"a topology with an authority nobody knows", "PUT", "/v1/topology", `{"version":9,"region":"us-east","datasets":[{"dataset":{"name":"orders"},"authority":"mars"}]}`, 400, wire.CodeBad},
		{"a dataset that leaves its folder", "PUT", "/v1/topology", `{"version":9,"region":"us-east","datasets":[{"dataset":{"name":"../../etc","engine":"memory","regions":["us-east"]}}]}`, 400, wire.CodeBad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, l.regions["us-east"].url()+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(wire.HeaderToken, testToken)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			var e wire.Error
			if err := json.Unmarshal(body, &e); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if res.StatusCode != tt.status || e.Code != tt.code || e.Message == "" || res.Header.Get(wire.HeaderRegion) != "us-east" {
				t.Errorf("status %d, region %q, %s; want %d, %s", res.StatusCode, res.Header.Get(wire.HeaderRegion), body, tt.status, tt.code)
			}
		})
	}
	if n := l.count("us-east"); n != 0 {
		t.Errorf("%d entries were stored", n)
	}
}

func TestLargestPayloadReachesTheFollower(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	payload := bytes.Repeat([]byte{0xf0}, 700<<10)
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.Write(ctx, orders, store.Write{ID: "large", Payload: payload})
		return err
	})
	wait(t, "the copy", func() bool {
		found, err := l.regions["eu-west"].client.Read(t.Context(), orders, "large", "")
		return err == nil && bytes.Equal(found.Payload, payload)
	})
	must(t, func(ctx context.Context) error {
		return l.regions["eu-west"].client.Audit(ctx, orders, 0, func(e store.Entry) error {
			if !bytes.Equal(e.Payload, payload) {
				return errors.New("audited payload differs")
			}
			return nil
		})
	})
}

// What can't be placed keeps no other dataset from its place, and is said.
func TestATopologyPlacesWhatItCan(t *testing.T) {
	l := newLab(t, nil, "us-east")
	c := l.regions["us-east"].client
	top := l.topology("us-east", "us-east", 1)
	here := []string{"us-east"}
	top.Datasets = append(top.Datasets,
		wire.Placement{Dataset: topology.Dataset{Name: "blobs", Engine: "tape", Mode: topology.ModeAsync, Regions: here}, Authority: "us-east", Epoch: 1},
		wire.Placement{Dataset: topology.Dataset{Name: "carts", Engine: "memory", Mode: topology.ModeQuorum, Regions: here}, Authority: "us-east", Epoch: 1})
	st, err := c.PutTopology(t.Context(), top)
	if err != nil || st.Topology != 0 {
		t.Fatalf("%v, and topology %d counts as held", err, st.Topology)
	}
	if len(st.Unplaced) != 2 || !strings.Contains(st.Unplaced["blobs"], `engine "tape" is none of`) || !strings.Contains(st.Unplaced["carts"], "mode quorum") {
		t.Errorf("unplaced: %v", st.Unplaced)
	}
	must(t, func(ctx context.Context) error {
		st, err := c.Promote(ctx, orders, 1)
		if err != nil {
			return err
		}
		_, err = c.Grant(ctx, orders, 1, st.Clock, time.Minute)
		return err
	})
	if _, err := l.write("us-east", "w"); err != nil {
		t.Errorf("the dataset that has its place: %v", err)
	}
}

func TestWhatWasCutCanBeFetched(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	c := l.regions["us-east"].client
	if err := c.Diverged(t.Context(), orders, nil); status(t, err) != http.StatusBadRequest {
		t.Errorf("with nothing cut: %v", err)
	}
	x, err := diverged.Create(t.TempDir())
	must(t, func(context.Context) error { return err })
	want := []store.Entry{{Index: 3, Epoch: 1, ID: "x", Payload: []byte("one")}, {Index: 4, Epoch: 1, ID: "y", Payload: []byte("two")}}
	for _, e := range want {
		must(t, func(context.Context) error { return x.Put(e) })
	}
	cut, err := x.Keep()
	must(t, func(context.Context) error { return err })
	m := l.regions["us-east"].replica()
	m.mu.Lock()
	m.cut = cut
	m.mu.Unlock()
	var got []store.Entry
	must(t, func(ctx context.Context) error {
		got = nil
		return c.Diverged(ctx, orders, func(e store.Entry) error { got = append(got, e); return nil })
	})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, func(context.Context) error { return os.Remove(cut.Exported) })
	if err := c.Diverged(t.Context(), orders, nil); err == nil || !strings.Contains(err.Error(), cut.Exported) {
		t.Errorf("with the file gone: %v", err)
	}
}

func TestPeersPassesOn(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	via := wire.NewClient(wire.ClientConfig{
		Base: l.regions["eu-west"].url() + wire.PathPeers + "us-east", Region: "us-east", Via: "eu-west", Token: testToken,
	})
	must(t, func(ctx context.Context) error {
		st, err := via.Status(ctx)
		if err == nil && st.Region != "us-east" {
			err = fmt.Errorf("status of %s", st.Region)
		}
		return err
	})
	top := l.topology("eu-west", "us-east", 1)
	top.Peers["us-east"] = refused(t)
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.PutTopology(ctx, top)
		return err
	})
	_, err := via.Status(t.Context())
	if !errors.Is(err, wire.ErrUpstream) || status(t, err) != http.StatusBadGateway || !strings.Contains(err.Error(), "region eu-west") {
		t.Errorf("a peer that is gone: %v, want ErrUpstream from the gateway in between", err)
	}
}

func TestWebReplicasAreToldApart(t *testing.T) {
	l := newLab(t, nil, "us-east")
	got, err := l.regions["us-east"].client.Web(t.Context())
	if err != nil || len(got) != 2 || got[0].Replica != "web-1" || got[1].Replica != "web-2" || got[0].Started.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCloseFinishesWhatIsServed(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	us := l.regions["us-east"]
	wait(t, "a follower's stream, which must not hold up the stop", func() bool {
		st, err := l.regions["eu-west"].client.StoreStatus(t.Context(), orders)
		return err == nil && st.Error == ""
	})
	unused, err := net.Dial("tcp", us.agent.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unused.Close() }()
	arrived, gate := make(chan struct{}), make(chan struct{})
	us.replica().arrived, us.replica().gate = arrived, gate
	written, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := l.write("us-east", "held")
		written <- err
	}()
	<-arrived
	go func() { closed <- us.agent.Close(context.Background()) }()
	<-us.agent.leaving.Done()
	select {
	case err := <-closed:
		t.Fatalf("closed (%v) with a write unfinished", err)
	case err := <-written:
		t.Fatalf("the write ended (%v) before it was stored", err)
	default:
	}
	began := time.Now()
	close(gate)
	if err := <-written; err != nil {
		t.Errorf("a write that was being served: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	// http.Server alone would wait five seconds for the unused connection.
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

func TestCloseCutsOffWhatDoesNotEnd(t *testing.T) {
	l := newLab(t, func(c *Config) { c.WriteTimeout = time.Hour }, "us-east")
	l.lead("us-east", 1)
	us := l.regions["us-east"]
	arrived, gate := make(chan struct{}), make(chan struct{})
	us.replica().arrived, us.replica().gate = arrived, gate
	written := make(chan error, 1)
	go func() {
		_, err := l.write("us-east", "held")
		written <- err
	}()
	<-arrived
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := us.agent.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v, want the time limit", err)
	}
	if err := <-written; err == nil {
		t.Error("a write that was never stored was acknowledged")
	}
}

func TestWithParent(t *testing.T) {
	parent, hold := io.Pipe()
	gone := make(chan struct{})
	go WithParent(parent, func() { close(gone) })
	if _, err := hold.Write([]byte("what is written does not matter")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
		t.Fatal("exited while the parent lives")
	default:
	}
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(ackWithin):
		t.Error("still there after the parent has gone")
	}
}

// An agent that its parent lets go outlives it.
func TestWithParentThatLetsGo(t *testing.T) {
	gone := false
	WithParent(strings.NewReader("a word\n"+wire.Stay+"\n"), func() { gone = true })
	if gone {
		t.Error("exited with the parent that had let it go")
	}
}
