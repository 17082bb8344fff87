package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// counting is a server that counts its connections.
func counting(t *testing.T, h http.HandlerFunc) (s *httptest.Server, conns func() int) {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]bool{}
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.RemoteAddr] = true
		mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s, func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(seen)
	}
}

func echoes(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch r.URL.Path {
	case "/chunks":
		for range 3 {
			_, _ = io.WriteString(w, "piece ")
			w.(http.Flusher).Flush()
		}
	case "/long":
		_, _ = io.WriteString(w, strings.Repeat("x", shortAnswer+1))
	case "/last":
		w.Header().Set("Connection", "close")
		fallthrough
	default:
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get(HeaderToken), body)
	}
}

func TestShortKeepsConnections(t *testing.T) {
	s, conns := counting(t, echoes)
	short := NewShort(2)
	client := &http.Client{Transport: short}
	ask := func(path, want string) {
		t.Helper()
		req, _ := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader("hello"))
		req.Header.Set(HeaderToken, "token")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || string(body) != want {
			t.Errorf("%s: %d bytes %.40q, %v", path, len(body), body, err)
		}
	}
	for i, c := range []struct {
		path, want string
		conns      int
	}{
		{"/", "POST token hello", 1}, {"/", "POST token hello", 1},
		{"/chunks", "piece piece piece ", 1}, {"/", "POST token hello", 2}, // the one with chunks ended
		{"/long", strings.Repeat("x", shortAnswer+1), 2}, {"/", "POST token hello", 3},
		{"/last", "POST token hello", 3}, {"/", "POST token hello", 4},
	} {
		if ask(c.path, c.want); conns() != c.conns {
			t.Errorf("%d: %d connections after %s, want %d", i, conns(), c.path, c.conns)
		}
	}
	short.CloseIdleConnections()
	if ask("/", "POST token hello"); conns() != 5 {
		t.Errorf("%d connections, want a fifth after the idle ones were closed", conns())
	}
	short.most = 0
	short.CloseIdleConnections()
	for n := 6; n < 8; n++ {
		if ask("/", "POST token hello"); conns() != n {
			t.Errorf("%d connections where none is kept, want %d", conns(), n)
		}
	}
}

// A region that was restarted has ended its kept connections: a user's write must not be lost to one.
func TestShortSendsNothingOverAConnectionThatHasEnded(t *testing.T) {
	s, _ := counting(t, echoes)
	client := &http.Client{Transport: NewShort(8)}
	for range 20 {
		res, err := client.Post(s.URL, "", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		s.CloseClientConnections() // its FIN is here when it returns: loopback
	}
}

func TestShortGivesUpWithItsContext(t *testing.T) {
	arrived := make(chan struct{}, 1)
	s, conns := counting(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hangs" {
			arrived <- struct{}{}
			<-r.Context().Done() // it is told, since the connection ends
			return
		}
		echoes(w, r)
	})
	client := NewClient(ClientConfig{Base: s.URL, HTTP: &http.Client{Transport: NewShort(8)}})
	for _, end := range []string{"canceled", "timeout"} {
		ctx, cancel := context.WithCancel(t.Context())
		want := context.Canceled
		if end == "timeout" {
			ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
			want = context.DeadlineExceeded
		}
		done := make(chan error, 1)
		go func() {
			_, err := client.send(ctx, request{method: http.MethodGet, path: "/hangs"})
			done <- err
		}()
		if <-arrived; end == "canceled" {
			cancel()
		}
		if err := <-done; !errors.Is(err, want) {
			t.Errorf("%s: %v", end, err)
		}
		cancel()
	}
	if conns() != 2 {
		t.Errorf("%d connections, want one each: what was given up is not kept", conns())
	}
}

func TestShortIsForManyAtOnce(t *testing.T) {
	s, _ := counting(t, echoes)
	client := &http.Client{Transport: NewShort(4)}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 20 {
				said := fmt.Sprint(i, n)
				res, err := client.Post(s.URL, "", strings.NewReader(said))
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(res.Body)
				if string(body) != "POST  "+said {
					t.Errorf("asked %q, was answered %q", said, body)
				}
			}
		})
	}
	all.Wait()
}
