package agent

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestInProcessTiers(t *testing.T) {
	gate, gone := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Name", r.PathValue("name"))
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "not sent")
		_, _ = w.Write(append(body, r.Header.Get("X-Asked")...))
	})
	mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(gone)
		<-gate // an engine that does not look at its context
	})
	mux.HandleFunc("/aborts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	client := &http.Client{Transport: inProcess{"web-1": mux}}
	defer close(gate)

	req, err := http.NewRequest(http.MethodPost, "http://web-1/echo/orders", strings.NewReader("hello "))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Asked", "there")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || string(body) != "hello there" || res.StatusCode != http.StatusTeapot || res.Header.Get("X-Name") != "orders" || res.Header.Get("X-Late") != "" {
		t.Errorf("answer %d %q, headers %v, %v", res.StatusCode, body, res.Header, err)
	}

	for path, want := range map[string]error{"http://web-2/": errNoTier, "http://web-1/aborts": io.ErrUnexpectedEOF} {
		if _, err := client.Get(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	req, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://web-1/hangs", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.Do(req)
		ended <- err
	}()
	cancel()
	<-gone
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a request that was given up: %v", err)
	}
}
