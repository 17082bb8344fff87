package names

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/listen"
)

// Whoever opens connections to the regions' name server and asks nothing holds no more than are served at once, and questions over
// UDP go on.
func TestSilentConnectionsAreBounded(t *testing.T) {
	s, err := Start(Config{
		Zone: "f.test", Regions: []string{"a"}, Datasets: []string{"orders"}, TTL: time.Second, Listen: "127.0.0.1", Advertise: "127.0.0.1",
		Leader: func(string) string { return "a" }, Peers: func(string, string) map[string]string { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Error(err)
		}
	})
	for range listen.TCPConns {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	m := new(dns.Msg).SetQuestion("_store._tcp.orders.a.f.test.", dns.TypeSRV)
	waits := dns.Client{Net: "tcp", Timeout: 100 * time.Millisecond}
	if _, _, err := waits.Exchange(m, s.Addr()); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one connection more is answered: %v", err)
	}
	if reply, _, err := new(dns.Client).Exchange(m, s.Addr()); err != nil || len(reply.Answer) != 1 {
		t.Errorf("over UDP: %v, %v", reply, err)
	}
}
