package failure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

func TestReason(t *testing.T) {
	var notJSON any
	tests := []struct {
		err  error
		want string
	}{
		{fmt.Errorf("dial: %w", syscall.ECONNREFUSED), "refused"},
		{fmt.Errorf("read: %w", syscall.ECONNRESET), "reset"},
		{fmt.Errorf("write: %w", syscall.EPIPE), "reset"},
		{fmt.Errorf("read: %w", io.EOF), "reset"},
		{fmt.Errorf("read the answer: %w", io.ErrUnexpectedEOF), "reset"},
		{errors.New("http: server closed idle connection"), "reset"},
		{fmt.Errorf("get: %w", context.DeadlineExceeded), "timeout"},
		{&net.DNSError{IsTimeout: true}, "timeout"},
		{fmt.Errorf("get: %w", context.Canceled), "stopped"},
		{fmt.Errorf("dial: %w", syscall.EHOSTUNREACH), "unreachable"},
		{fmt.Errorf("dial: %w", syscall.EMFILE), "no descriptor"},
		{fmt.Errorf("dial: %w", ErrNoAddress), "no address"},
		{fmt.Errorf("get: %w", wire.ErrWrongRegion), "wrong region"},
		{&wire.Error{Code: wire.CodeWrongRegion}, "wrong region"},
		{fmt.Errorf("post: %w", &wire.Error{Code: wire.CodeNoAuthority}), "no authority"},
		{&wire.Error{Code: wire.CodeFenced}, "fenced"},
		{&wire.Error{Code: wire.CodeShed}, "shed"},
		{&wire.Error{Code: wire.CodeUpstream}, "upstream"},
		{&wire.Error{Code: wire.CodeStaleEpoch}, "stale epoch"},
		{fmt.Errorf("answer: %w", json.Unmarshal([]byte("<html>"), &notJSON)), "bad answer"},
		{errors.New("something new"), "broken"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			if got := Reason(tt.err); got != tt.want {
				t.Errorf("%v is %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}

// What net/http really says of real sockets, through the client that users have.
func TestReasonOfRealSockets(t *testing.T) {
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		{"reset", func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}, "reset"},
		{"closed without an answer", func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.Close()
		}, "reset"},
		{"cut off in the answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(wire.HeaderRegion, "us")
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
			panic(http.ErrAbortHandler)
		}, "reset"},
		{"hangs", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "timeout"},
		{"another region", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(wire.HeaderRegion, "eu")
			_, _ = w.Write([]byte("{}"))
		}, "wrong region"},
		{"no agent at all", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("{}")) }, "wrong region"},
		{"no JSON", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(wire.HeaderRegion, "us")
			_, _ = w.Write([]byte("<html>"))
		}, "bad answer"},
		{"refuses", nil, "refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(tt.answer))
			defer server.Close()
			if tt.answer == nil {
				server.Close()
			}
			transport := wire.NewTransport()
			defer transport.CloseIdleConnections()
			client := wire.NewClient(wire.ClientConfig{Base: server.URL, Region: "us", HTTP: &http.Client{Transport: transport}})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if tt.want == Timeout {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			defer cancel()
			_, err := client.Read(ctx, "orders", "w1", "")
			if got := Reason(err); got != tt.want {
				t.Errorf("%v is %q, want %q", err, got, tt.want)
			}
		})
	}
}

// Each reason of this package's has words that a person understands.
func TestReasonsAreInWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "failure.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{NoDescriptor} // its word is telemetry's
	for _, d := range file.Decls {
		g, is := d.(*ast.GenDecl)
		if !is || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				if text, is := v.(*ast.BasicLit); is {
					word, err := strconv.Unquote(text.Value)
					if err != nil {
						t.Fatal(err)
					}
					words = append(words, word)
				}
			}
		}
	}
	if len(words) < 2 {
		t.Fatal("failure.go has no reasons")
	}
	for _, word := range words {
		if format.Failure(word) == word {
			t.Errorf("%q has no words that a person understands", word)
		}
	}
}
