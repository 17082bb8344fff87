package agent

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// An echo takes what it is sent and answers what it is asked for, again and again on one
// connection; it asks for the token, and neither way for more than there is a bound.
func TestEchoAnswersAsManyBytesAsAreAskedFor(t *testing.T) {
	r := newLab(t, nil, "east").regions["east"]
	for _, size := range [][2]int{{0, 0}, {100_000, 0}, {0, 100_000}, {7, wire.MaxEcho}, {wire.MaxEcho, 3}} {
		if err := wire.Echo(t.Context(), r.client, size[0], size[1]); err != nil {
			t.Errorf("%d bytes there, %d back: %v", size[0], size[1], err)
		}
	}
	for _, size := range [][2]int{{0, wire.MaxEcho + 1}, {wire.MaxEcho + 1, 0}} {
		if err := wire.Echo(t.Context(), r.client, size[0], size[1]); !errors.Is(err, wire.ErrBad) {
			t.Errorf("%d bytes there, %d back: %v, want a refusal", size[0], size[1], err)
		}
	}
	stranger := wire.NewClient(wire.ClientConfig{Base: "http://" + r.agent.Addr(), Region: "east"})
	if err := wire.Echo(t.Context(), stranger, 1, 1); !errors.Is(err, wire.ErrUnauthorized) {
		t.Errorf("without the token: %v", err)
	}
	res, err := http.Post("http://"+r.agent.Addr()+wire.PathEcho+"?bytes=1", "", bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %s", res.Status)
	}
}
