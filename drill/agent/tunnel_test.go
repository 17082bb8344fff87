package agent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// relay is a link's relay to an agent that counts what it connects.
type relay struct {
	*link.Relay
	link  *link.Link
	count *atomic.Int64
}

func newRelay(t testing.TB, addr string) relay {
	t.Helper()
	l := link.New("here", "there", link.Shape{})
	t.Cleanup(func() { _ = l.Close() })
	r := relay{link: l, count: new(atomic.Int64)}
	opened, err := l.Relay("here", "127.0.0.1:0", func(context.Context) (string, error) {
		r.count.Add(1)
		return addr, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Relay = opened
	return r
}

func (r relay) url() string  { return "http://" + r.Addr().String() }
func (r relay) taken() int64 { return r.count.Load() }

// tunnelled is two regions, the second of which reaches the first by relays: one
// for orders alone, one for all else. serve is what the first does with a tunnel.
type tunnelled struct {
	*lab
	orders, rest relay
	dialer       *wire.Upstream
}

func newTunnelled(t *testing.T, serve func(context.Context, net.Conn) error) tunnelled {
	t.Helper()
	l := newLab(t, asHeavy(serve), "us-east", "eu-west")
	l.push("us-east", 1)
	addr := l.regions["us-east"].agent.Addr()
	n := tunnelled{lab: l, orders: newRelay(t, addr), rest: newRelay(t, addr)}
	top := l.topology("eu-west", "us-east", 1)
	top.Peers["us-east"] = n.rest.url()
	top.Datasets[0].Peers = map[string]string{"us-east": n.orders.url()}
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.PutTopology(ctx, top)
		return err
	})
	n.dialer = l.regions["eu-west"].dialer(testToken)
	return n
}

// dialer is the upstream that a replica of the region is given.
func (r *region) dialer(token string) *wire.Upstream {
	return wire.NewUpstream(wire.UpstreamConfig{Gateway: r.url(), Region: r.config.Region, Token: token, Ask: ackWithin})
}

func (n tunnelled) dial() net.Conn {
	n.t.Helper()
	conn, err := n.dialer.Dial(n.t.Context(), "us-east", orders, 1, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(ackWithin))
	return conn
}

// digest answers what it was sent, at the end of it, by its hash, and closes.
func digest(_ context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, conn); err != nil {
		return err
	}
	_, err := conn.Write(h.Sum(nil))
	return err
}

// TestTunnelHalfClose sends much, ends its sending, and still gets the answer;
// every byte went by the dataset's own relay.
func TestTunnelHalfClose(t *testing.T) {
	n := newTunnelled(t, digest)
	conn := n.dial()
	sent := make([]byte, 9<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(sent)
	if _, err := conn.Write(sent); err != nil {
		t.Fatal(err)
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if want := sha256.Sum256(sent); err != nil || !bytes.Equal(got, want[:]) {
		t.Errorf("answered %x, %v; want %x", got, err, want)
	}
	if out, _ := n.orders.Bytes(); out < uint64(len(sent)) || out > uint64(len(sent))+2000 {
		t.Errorf("the dataset's relay counted %d bytes, %d were sent", out, len(sent))
	}
	if out, back := n.rest.Bytes(); out != 0 || back != 0 {
		t.Errorf("%d and %d bytes of orders went by the relay for all else", out, back)
	}
}

func echo(_ context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	_, err := io.Copy(conn, conn)
	return err
}

func roundTrip(conn net.Conn, text string) error {
	if _, err := io.WriteString(conn, text); err != nil {
		return err
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(conn, got); err != nil {
		return err
	}
	if string(got) != text {
		return errors.New("echoed " + string(got))
	}
	return nil
}

// TestTunnelBehindACut: a cut link is silence, not an end, and what was sent
// arrives once it heals.
func TestTunnelBehindACut(t *testing.T) {
	n := newTunnelled(t, echo)
	conn := n.dial()
	if err := roundTrip(conn, "before"); err != nil {
		t.Fatal(err)
	}
	n.orders.link.SetCut(link.Cut{AtoB: true, BtoA: true})
	if _, err := io.WriteString(conn, "held"); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if k, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("behind a cut: %d bytes, %v; want silence", k, err)
	}
	n.orders.link.SetCut(link.Cut{})
	_ = conn.SetReadDeadline(time.Now().Add(ackWithin))
	got := make([]byte, 4)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "held" {
		t.Errorf("after the cut: %q, %v", got, err)
	}
	if err := roundTrip(conn, "after"); err != nil {
		t.Error(err)
	}
}

// TestTunnelEnds: whichever side is gone, the other hears of it.
func TestTunnelEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(n tunnelled, near net.Conn, far chan net.Conn)
	}{
		{"the replica closes", func(_ tunnelled, _ net.Conn, far chan net.Conn) { _ = (<-far).Close() }},
		{"the replica's host resets", func(n tunnelled, _ net.Conn, _ chan net.Conn) { n.orders.link.Reset() }},
		{"who dialed closes", func(_ tunnelled, near net.Conn, _ chan net.Conn) { _ = near.Close() }},
		{"the authority's agent stops", func(n tunnelled, _ net.Conn, _ chan net.Conn) { n.restart("us-east") }},
		{"the follower's agent stops", func(n tunnelled, _ net.Conn, _ chan net.Conn) { n.restart("eu-west") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			far, over := make(chan net.Conn, 1), make(chan error, 1)
			n := newTunnelled(t, func(_ context.Context, conn net.Conn) error {
				far <- conn
				defer func() { _ = conn.Close() }()
				_, err := io.Copy(conn, conn)
				over <- err
				return err
			})
			conn := n.dial()
			if err := roundTrip(conn, "hello"); err != nil {
				t.Fatal(err)
			}
			tt.end(n, conn, far)
			if k, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("near side: %d bytes, %v; want an end", k, err)
			}
			select {
			case <-over:
			case <-time.After(ackWithin):
				t.Error("the far side never heard of the end")
			}
		})
	}
}

func (n tunnelled) restart(name string) {
	n.regions[name].stop(n.t)
	n.regions[name].start(n.t)
}

// TestWhatIsSaidFirst reads what came with the request for a tunnel before what is written to it.
func TestWhatIsSaidFirst(t *testing.T) {
	n := newTunnelled(t, echo)
	conn, err := n.dialer.Dial(t.Context(), "us-east", orders, 1, []byte("first\x00\xff"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(ackWithin))
	if _, err := conn.Write([]byte(" then")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("first\x00\xff then"))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "first\x00\xff then" {
		t.Errorf("it heard %q, %v", got, err)
	}
	res := get(t, "GET", n.regions["us-east"].url()+wire.PathStore+orders+"/"+wire.StoreTunnel, map[string][]string{
		wire.HeaderToken: {testToken}, "Upgrade": {wire.TunnelProtocol}, "Connection": {"Upgrade"}, wire.HeaderFirst: {"no base64!"}})
	if res.StatusCode != 400 {
		t.Errorf("what is not readable was answered with %d", res.StatusCode)
	}
}

func TestTunnelRefused(t *testing.T) {
	n := newTunnelled(t, echo)
	tests := []struct {
		name, authority, dataset string
		dialer                   *wire.Upstream
		want                     error
	}{
		{"no token", "us-east", orders, n.regions["eu-west"].dialer(""), wire.ErrUnauthorized},
		{"another token", "us-east", orders, n.regions["eu-west"].dialer("guess"), wire.ErrUnauthorized},
		{"no such dataset", "us-east", "invoices", n.dialer, wire.ErrNotFound},
		{"no such peer", "mars", orders, n.dialer, wire.ErrUpstream},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if conn, err := tt.dialer.Dial(t.Context(), tt.authority, tt.dataset, 1, nil); !errors.Is(err, tt.want) {
				t.Errorf("%v, %v; want %v", conn, err, tt.want)
			}
		})
	}
	t.Run("nothing answers", func(t *testing.T) {
		hasty := wire.NewUpstream(wire.UpstreamConfig{Gateway: silent(t), Region: "eu-west", Token: testToken, Ask: 50 * time.Millisecond})
		if _, err := hasty.Dial(t.Context(), "us-east", orders, 1, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the time limit", err)
		}
	})
	t.Run("an engine without a protocol", func(t *testing.T) {
		plain := newLab(t, nil, "us-east", "eu-west")
		plain.push("us-east", 1)
		if _, err := plain.regions["eu-west"].dialer(testToken).Dial(t.Context(), "us-east", orders, 1, nil); !errors.Is(err, wire.ErrBad) {
			t.Errorf("%v, want ErrBad", err)
		}
	})
	t.Run("no upgrade asked for", func(t *testing.T) {
		res := get(t, "GET", n.regions["us-east"].url()+wire.PathStore+orders+"/"+wire.StoreTunnel, map[string][]string{wire.HeaderToken: {testToken}})
		if body, _ := io.ReadAll(res.Body); res.StatusCode != 400 || !strings.Contains(string(body), wire.TunnelProtocol) {
			t.Errorf("status %d, %s", res.StatusCode, body)
		}
	})
}

// TestTunnelThroughPods goes from a store's pod by two gateways' pods to another
// store's, as in a cluster.
func TestTunnelThroughPods(t *testing.T) {
	closed := make(chan struct{}, 1)
	gateways := map[string]string{"us-east": address(t), "eu-west": address(t)}
	for region, gatewayAddr := range gateways {
		engines := Engines{"memory": func(o Opening) (Replica, error) {
			r, err := openMemory(o)
			return &heavy{memory: r.(*memory), serve: func(ctx context.Context, conn net.Conn) error {
				err := echo(ctx, conn)
				closed <- struct{}{}
				return err
			}}, err
		}}
		start := func(c Config) *Agent {
			c.Region, c.Token, c.Run, c.Engines = region, testToken, "run", engines
			a, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { closePod(t, a) })
			return a
		}
		s := start(Config{Role: RoleStore, Listen: "127.0.0.1:0", Data: t.TempDir(), Gateway: "http://" + gatewayAddr})
		start(Config{Role: RoleGateway, Listen: gatewayAddr, Web: []string{refused(t)}, Store: "http://" + s.Addr()})
	}
	data := topology.Dataset{Name: orders, Engine: "memory", Mode: topology.ModeAsync, Regions: []string{"us-east", "eu-west"}}
	for region, addr := range gateways {
		c := wire.NewClient(wire.ClientConfig{Base: "http://" + addr, Region: region, Token: testToken})
		peers := map[string]string{}
		for other, addr := range gateways {
			if other != region {
				peers[other] = "http://" + addr
			}
		}
		must(t, func(ctx context.Context) error {
			_, err := c.PutTopology(ctx, wire.Topology{Version: 1, Region: region, Datasets: []wire.Placement{{Dataset: data, Authority: "us-east", Epoch: 1, Peers: peers}}})
			return err
		})
	}
	var dialer store.Dialer = wire.NewUpstream(wire.UpstreamConfig{Gateway: "http://" + gateways["eu-west"], Region: "eu-west", Token: testToken})
	conn, err := dialer.Dial(t.Context(), "us-east", orders, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(ackWithin))
	for range 3 {
		if err := roundTrip(conn, strings.Repeat("through four processes ", 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(ackWithin):
		t.Error("the replica never heard of the end")
	}
}
