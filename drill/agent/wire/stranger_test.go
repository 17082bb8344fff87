package wire

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A connection over which a stranger answered is not kept: the address may be the region's by the next one.
func TestAStrangersConnectionIsNotKept(t *testing.T) {
	for name, transport := range map[string]http.RoundTripper{"net/http": NewTransport(), "short": NewShort(4)} {
		t.Run(name, func(t *testing.T) {
			var opened atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) }))
			s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
				if st == http.StateNew {
					opened.Add(1)
				}
			}
			s.Start()
			defer s.Close()
			c := NewClient(ClientConfig{Base: s.URL, Region: "us-east", HTTP: &http.Client{Transport: transport}})
			for range 3 {
				if _, err := c.Health(t.Context()); !errors.Is(err, ErrWrongRegion) {
					t.Fatalf("a stranger's answer: %v", err)
				}
			}
			if n := opened.Load(); n != 3 {
				t.Errorf("3 questions to a stranger went over %d connections", n)
			}
		})
	}
}
