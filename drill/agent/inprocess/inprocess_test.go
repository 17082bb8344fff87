package inprocess

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestTiersAnswerInThisProcess(t *testing.T) {
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
	mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic("a fault of ours") })
	var log bytes.Buffer
	client := &http.Client{Transport: &Tiers{Handlers: map[string]http.Handler{"web-1": mux}, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
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

	for path, want := range map[string]error{"http://web-2/": errNoTier, "http://web-1/aborts": io.ErrUnexpectedEOF, "http://web-1/panics": io.ErrUnexpectedEOF} {
		if _, err := client.Get(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}

	if said := log.String(); !strings.Contains(said, "a fault of ours") || strings.Count(said, "panicked") != 1 {
		t.Errorf("the log says %q", said)
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

// A request that its sender gave up may still be at work: who closes what the tiers work on waits for it.
func TestIdleWaitsForWhoWasGivenUp(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	tiers := &Tiers{Handlers: map[string]http.Handler{"web-1": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-release
	})}}
	if err := tiers.Idle(t.Context()); err != nil {
		t.Fatalf("nobody asked yet: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://web-1/", nil)
	if _, err := tiers.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("the request ended with %v", err)
	}
	if err := tiers.Idle(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("its tier is at work, and Idle said %v", err)
	}
	close(release)
	if err := tiers.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}
