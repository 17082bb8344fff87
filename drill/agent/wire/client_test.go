package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// serve answers as a region would, or as something else.
func serve(t *testing.T, region string, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if region != "" {
			w.Header().Set(HeaderRegion, region)
		}
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestClientChecksWhoAnswers(t *testing.T) {
	fenced := `{"code":"fenced","message":"no lease","region":"us-east"}`
	tests := []struct {
		name      string
		from, via string
		status    int
		body      string
		want      error // nil: an answer
	}{
		{"the region", "us-east", "", 200, `{"region":"us-east"}`, nil},
		{"another region", "eu-west", "", 200, `{"region":"us-east"}`, ErrWrongRegion},
		{"another region's refusal", "eu-west", "", 503, fenced, ErrWrongRegion},
		{"no region: another program", "", "", 200, `{"region":"us-east"}`, ErrWrongRegion},
		{"no region, an error", "", "", 404, "404 page not found", ErrWrongRegion},
		{"the region's refusal", "us-east", "", 503, fenced, store.ErrFenced},
		{"the gateway in between refuses", "eu-west", "eu-west", 502, `{"code":"upstream","message":"gone","region":"eu-west"}`, ErrUpstream},
		{"the gateway in between answers itself", "eu-west", "eu-west", 200, `{"region":"us-east"}`, ErrWrongRegion},
		{"a refusal that is no JSON", "us-east", "", 500, "oops", ErrInternal},
		{"a refusal with a code of a later version", "us-east", "", 409, `{"code":"tired","message":"zzz"}`, ErrInternal},
		{"an answer that is no JSON", "us-east", "", 200, "hello", new(json.SyntaxError)},
		{"an answer without end", "us-east", "", 200, `"` + strings.Repeat("x", maxAnswer+10), errAny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewClient(ClientConfig{Base: serve(t, tt.from, says(tt.status, tt.body)), Region: "us-east", Via: tt.via})
			st, err := c.Status(t.Context())
			var syntax *json.SyntaxError
			switch {
			case tt.want == nil:
				if err != nil || st.Region != "us-east" {
					t.Errorf("%+v, %v", st, err)
				}
			case tt.want == errAny && err != nil:
			case errors.As(tt.want, &syntax):
				if !errors.As(err, &syntax) {
					t.Errorf("%v, want a syntax error", err)
				}
			case !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			}
			var refused *Error
			if errors.As(err, &refused) && refused.Status != tt.status {
				t.Errorf("status %d, want %d", refused.Status, tt.status)
			}
		})
	}
}

var errAny = errors.New("any error")

// A region that does not answer is named, with the cause, and no address of this machine.
func TestNoAnswerIsSaidInPlainWords(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := NewClient(ClientConfig{Base: closed.URL, Region: "us-east"}).Health(t.Context())
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v is not what it was", err)
	}
	if text := fmt.Sprint(err); !strings.HasPrefix(text, "us-east did not answer GET /") || !strings.HasSuffix(text, ": connection refused") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("it says %q", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewClient(ClientConfig{Base: closed.URL, Region: "us-east"}).Health(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not what it was", err)
	}
}

// What an agent says of a refusal is shown and journalled: nothing in it is obeyed by a terminal.
func TestRefusalsAreClean(t *testing.T) {
	url := serve(t, "us-east", says(503, `{"code":"fenced","message":"no \u001b[31mlease\u202e\nat all","region":"us\u0007"}`))
	_, err := NewClient(ClientConfig{Base: url, Region: "us-east"}).Health(t.Context())
	var refused *Error
	if !errors.As(err, &refused) || refused.Message != `no \u001b[31mlease\u202e at all` || refused.Region != `us\u0007` {
		t.Fatalf("it says %q", err)
	}
}

func TestEveryCodeCrossesTheWire(t *testing.T) {
	for _, m := range meanings {
		if words := strings.ReplaceAll(string(m.code), "-", " "); format.Failure(words) == words {
			t.Errorf("%q has no words that a person understands", m.code)
		}
		t.Run(string(m.code), func(t *testing.T) {
			e := AsError("us-east", fmt.Errorf("write w: %w", m.sentinel))
			if e.Code != m.code || e.HTTPStatus() != m.status || e.Region != "us-east" {
				t.Fatalf("%+v, status %d", e, e.HTTPStatus())
			}
			body, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			c := NewClient(ClientConfig{Base: serve(t, "us-east", says(e.HTTPStatus(), string(body))), Region: "us-east"})
			_, err = c.Status(t.Context())
			if !errors.Is(err, m.sentinel) || !strings.Contains(err.Error(), "write w") {
				t.Errorf("%v, want %v", err, m.sentinel)
			}
			for _, other := range meanings {
				if other.code != m.code && errors.Is(err, other.sentinel) {
					t.Errorf("%v is %v as well", err, other.sentinel)
				}
			}
			// Passed on by a second region, it stays the first one's.
			if again := AsError("eu-west", err); again.Code != m.code || again.Region != "us-east" || again.HTTPStatus() != m.status {
				t.Errorf("passed on: %+v", again)
			}
		})
	}
}

func TestAsErrorOfTheNetwork(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		code   Code
		status int
	}{
		{"time ran out", fmt.Errorf("x: %w", context.DeadlineExceeded), CodeUpstream, 504},
		{"who asked has gone", context.Canceled, CodeUpstream, 502},
		{"a body too large", &http.MaxBytesError{Limit: 9}, CodeBad, 413},
		{"anything else", errors.New("disk on fire"), CodeInternal, 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if e := AsError("r", tt.err); e.Code != tt.code || e.HTTPStatus() != tt.status {
				t.Errorf("%+v, status %d", e, e.HTTPStatus())
			}
		})
	}
}

func TestClientFindsARegionThatMoves(t *testing.T) {
	first, second := serve(t, "us-east", says(200, `{"run":"1"}`)), serve(t, "us-east", says(200, `{"run":"2"}`))
	var asked atomic.Int32
	c := NewClient(ClientConfig{Region: "us-east", Find: func(context.Context) (string, error) {
		switch asked.Add(1) {
		case 1:
			return first, nil
		case 2:
			return second, nil
		}
		return "", errors.New("container is gone")
	}})
	for _, want := range []string{"1", "2"} {
		if st, err := c.Status(t.Context()); err != nil || st.Run != want {
			t.Errorf("%+v, %v: want run %s", st, err, want)
		}
	}
	if _, err := c.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "us-east") || !strings.Contains(err.Error(), "container is gone") {
		t.Errorf("%v: want the region and the reason", err)
	}
}

func TestClientErrorsOfTheNetworkStayWhatTheyAre(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := NewClient(ClientConfig{Base: gone.URL, Region: "us-east"})
	if _, err := c.Status(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v, want ECONNREFUSED", err)
	}
	hangs := serve(t, "us-east", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := NewClient(ClientConfig{Base: hangs}).Status(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
}

func TestAudit(t *testing.T) {
	one, two := `{"index":1,"epoch":1,"id":"a","payload":"AA=="}`+"\n", `{"index":2,"epoch":1,"id":"b"}`+"\n"
	tests := []struct {
		name, body string
		seen       int
		want       error
	}{
		{"whole", one + two + `{"end":true,"entries":2}` + "\n", 2, nil},
		{"empty", `{"end":true,"entries":0}` + "\n", 0, nil},
		{"broken off", one + two, 2, io.ErrUnexpectedEOF},
		{"broken off in a line", one + two[:10], 1, errAny},
		{"nothing at all", "", 0, io.ErrUnexpectedEOF},
		{"one is missing", one + `{"end":true,"entries":2}` + "\n", 1, errAny},
		{"ended by an error", one + `{"code":"internal","message":"disk","region":"us-east"}` + "\n", 1, ErrInternal},
		{"a line that is no entry", one + "{}\n", 1, errAny},
		{"a line too long", one + `{"id":"` + strings.Repeat("x", maxLine), 1, errAny},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewClient(ClientConfig{Base: serve(t, "us-east", says(200, tt.body)), Region: "us-east"})
			seen := 0
			err := c.Audit(t.Context(), "orders", 0, func(store.Entry) error { seen++; return nil })
			if seen != tt.seen {
				t.Errorf("%d entries, want %d", seen, tt.seen)
			}
			switch {
			case tt.want == errAny && err != nil:
			case tt.want == nil && err == nil:
			case tt.want == nil || !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	t.Run("who visits has enough", func(t *testing.T) {
		c := NewClient(ClientConfig{Base: serve(t, "us-east", says(200, one+two)), Region: "us-east"})
		if err := c.Audit(t.Context(), "orders", 0, func(store.Entry) error { return errAny }); err != errAny { //nolint:errorlint // it must be the very same
			t.Errorf("%v, want visit's own error", err)
		}
	})
}

func TestCheckNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"us-east": true, "a": true, "1": true, strings.Repeat("a", 63): true,
		"": false, "-a": false, "a-": false, "A": false, "a.b": false, "a/b": false, "..": false, "é": false, strings.Repeat("a", 64): false,
	} {
		if err := CheckName("region", name); (err == nil) != ok || err != nil && !errors.Is(err, ErrBad) {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
	for id, ok := range map[string]bool{
		"run1-000001": true, "a.b_c:d~e": true, strings.Repeat("i", 128): true,
		"": false, ".": false, "..": false, "a/b": false, "a b": false, "a%2fb": false, "a\n": false, strings.Repeat("i", 129): false,
	} {
		if err := CheckID(id); (err == nil) != ok || err != nil && !errors.Is(err, ErrBad) {
			t.Errorf("CheckID(%q) = %v", id, err)
		}
	}
}
