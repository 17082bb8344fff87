// Package inprocess is a transport between the tiers of a region that run in one process.
package inprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
)

// Tiers is a transport to tiers that run in this process, by the host of a request. It
// leaves out what two sockets would cost: a local region is one process, and its tiers
// ask each other twice for each request of a user. Answers are short ones, held whole:
// streams take a connection.
type Tiers struct {
	Handlers map[string]http.Handler // by host
	Logger   *slog.Logger            // of tiers that panic

	mu      sync.Mutex
	serving int           // requests that a tier works on, those too whose sender has gone
	idle    chan struct{} // closed when there are none; nil while nobody waits for it
}

// Idle waits until no tier works on a request any more, or the context ends.
func (t *Tiers) Idle(ctx context.Context) error {
	t.mu.Lock()
	if t.serving == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("a tier still works on a request: %w", context.Cause(ctx))
	}
}

func (t *Tiers) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.serving++
}

func (t *Tiers) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.serving--; t.serving == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// errNoTier is a request to a host that is none of this process.
var errNoTier = errors.New("no such tier in this process")

// RoundTrip has the tier serve the request, and returns its answer, or the context's error
// as soon as that has ended: the tier may go on (see Idle).
func (t *Tiers) RoundTrip(out *http.Request) (*http.Response, error) {
	tier, known := t.Handlers[out.URL.Host]
	if !known {
		if out.Body != nil {
			_ = out.Body.Close()
		}
		return nil, errNoTier
	}
	in := out.WithContext(out.Context())
	in.Header = out.Header.Clone() // the asking side may go on to change its own
	in.RequestURI, in.RemoteAddr = out.URL.RequestURI(), out.URL.Host
	if in.Host == "" {
		in.Host = out.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	served := make(chan *answer, 1)
	t.begin()
	go func() {
		defer t.end()
		a := &answer{header: http.Header{}}
		defer func() {
			// As a server does: a handler that gives up costs its own request.
			if p := recover(); p != nil {
				a.aborted = true
				if p != http.ErrAbortHandler {
					t.Logger.Error("a tier panicked", "path", in.URL.Path, "panic", p, "stack", string(debug.Stack()))
				}
			}
			_ = in.Body.Close()
			served <- a
		}()
		tier.ServeHTTP(a, in)
	}()
	select {
	case a := <-served:
		if a.aborted {
			return nil, io.ErrUnexpectedEOF
		}
		return a.response(out), nil
	case <-out.Context().Done():
		return nil, out.Context().Err()
	}
}

// Answer is the answer to a request that is written at once.
func Answer(to *http.Request, write func(http.ResponseWriter)) *http.Response {
	a := &answer{header: http.Header{}}
	write(a)
	return a.response(to)
}

// answer is what a tier writes.
type answer struct {
	header  http.Header
	sent    http.Header // as it was when the status was written
	status  int
	body    bytes.Buffer
	aborted bool
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter; the first status counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Flush implements http.Flusher: the whole is handed over at the end.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) response(to *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: to,
	}
}
