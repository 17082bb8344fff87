package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// remote is an authority's server that knows the answers to two questions.
type remote struct {
	dials int
	first []byte // what came with the request for the last connection
	err   error  // in place of a connection
	says  error  // in place of a login
	mute  int    // so many connections get no answer to what is asked after the login
}

func (r *remote) dial(_ context.Context, first []byte) (net.Conn, error) {
	r.dials++
	r.first = first
	if r.err != nil {
		return nil, r.err
	}
	near, far := net.Pipe()
	mute := r.dials <= r.mute
	go func() {
		defer far.Close()
		conn := behind{far, io.MultiReader(bytes.NewReader(first), far)}
		if _, err := server.ReadStartup(conn); err != nil {
			return
		}
		welcome, err := server.Welcome(7, make([]byte, 4), map[string]string{"server_version": "15.0"})
		if r.says != nil {
			welcome, err = server.Refusal(r.says)
		}
		if _, failed := far.Write(welcome); err != nil || failed != nil || r.says != nil {
			return
		}
		backend := pgproto3.NewBackend(conn, far)
		for {
			asked, err := backend.Receive()
			if err != nil {
				return
			}
			if q, ok := asked.(*pgproto3.Query); ok && !mute {
				backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("to " + q.String)})
				backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				if backend.Flush() != nil {
					return
				}
			}
		}
	}()
	return near, nil
}

type behind struct {
	net.Conn
	r io.Reader
}

func (b behind) Read(p []byte) (int, error) { return b.r.Read(p) }

// prepared is a site that follows a remote, with the stream opened ahead or given up after
// a limit.
func prepared(t *testing.T, r *remote, within time.Duration) *site {
	s := newSite(t)
	term := s.follow()
	s.proxy.Open(term, r.dial)
	s.proxy.Prepare(term, "b", within)
	s.proxy.mu.Lock()
	next := s.proxy.upstream.next
	s.proxy.mu.Unlock()
	select {
	case <-next.ready:
	case <-time.After(20 * time.Second):
		t.Fatal("no stream was opened ahead")
	}
	s.proxy.Pass(term, Learned{})
	return s
}

// ask logs in as a standby does, and asks.
func ask(t *testing.T, conn net.Conn, question string) string {
	t.Helper()
	startup, err := server.Startup("replication", map[string]string{"replication": "true", "application_name": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(startup); err != nil {
		t.Fatal(err)
	}
	if login, err := server.UntilReady(conn); err != nil || !strings.Contains(string(login), "15.0") {
		t.Fatalf("login: %q, %v", login, err)
	}
	asked, err := (&pgproto3.Query{String: question}).Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(asked); err != nil {
		t.Fatal(err)
	}
	answer, _ := server.UntilReady(conn) // it may be sent away
	return string(answer)
}

// What a standby asks first was asked before it came: one connection, and what it asks then
// goes through.
func TestAStreamOpenedAhead(t *testing.T) {
	r := &remote{}
	s := prepared(t, r, time.Minute)
	if !strings.Contains(string(r.first), "application_name\x00b\x00") || !bytes.HasSuffix(r.first, []byte("IDENTIFY_SYSTEM\x00")) {
		t.Fatalf("with the request for the connection came %q", r.first)
	}
	conn := s.dial(server.ProxyServer)
	if got := ask(t, conn, "IDENTIFY_SYSTEM"); !strings.Contains(got, "to IDENTIFY_SYSTEM") || r.dials != 1 {
		t.Fatalf("answered %q over %d connections", got, r.dials)
	}
	start, err := (&pgproto3.Query{String: "START_REPLICATION"}).Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(start); err != nil {
		t.Fatal(err)
	}
	if got, err := server.UntilReady(conn); err != nil || !strings.Contains(string(got), "to START_REPLICATION") {
		t.Fatalf("answered %q, %v", got, err)
	}
	if got := ask(t, s.dial(server.ProxyServer), "IDENTIFY_SYSTEM"); !strings.Contains(got, "to IDENTIFY_SYSTEM") || r.dials != 2 {
		t.Fatalf("a second time: answered %q over %d connections", got, r.dials)
	}
}

// A stream that was opened ahead, and is not answered, holds the standby up for no longer than
// its limit: the standby has none of its own for what it asks before its stream begins.
func TestAStreamOpenedAheadThatIsNotAnswered(t *testing.T) {
	r := &remote{mute: 1}
	s := prepared(t, r, 20*time.Millisecond)
	if got := ask(t, s.dial(server.ProxyServer), "IDENTIFY_SYSTEM"); !strings.Contains(got, "to IDENTIFY_SYSTEM") || r.dials != 2 {
		t.Fatalf("answered %q over %d connections", got, r.dials)
	}
}

// A standby of another version that asks something else first gets no answer to what it did
// not ask; the next time it is carried as it is.
func TestAStandbyThatAsksSomethingElse(t *testing.T) {
	s := prepared(t, &remote{}, time.Minute)
	if got := ask(t, s.dial(server.ProxyServer), "SHOW data_directory_mode"); got != "" {
		t.Fatalf("answered %q", got)
	}
	if got := ask(t, s.dial(server.ProxyServer), "SHOW data_directory_mode"); !strings.Contains(got, "to SHOW data_directory_mode") {
		t.Fatalf("answered %q", got)
	}
}

// A driver's login and first question are one message to the far side, and its errors are told.
func TestAnEagerConnection(t *testing.T) {
	gone := errors.New("nothing is heard")
	for name, c := range map[string]struct {
		remote *remote
		want   string // of the error, "" for none
	}{
		"answers": {&remote{}, ""},
		"dial":    {&remote{err: gone}, "nothing is heard"},
		"login":   {&remote{says: errors.New("too many clients")}, "too many clients"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			config, err := pgx.ParseConfig("host=127.0.0.1 user=fleetdrill dbname=postgres sslmode=disable")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			once, dialed := s.proxy.EagerOnce(ctx, 20*time.Second, c.remote.dial)
			config.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return once(ctx) }
			conn, err := pgx.ConnectConfig(ctx, config)
			if err != nil {
				t.Fatal(err)
			}
			eager := dialed()
			defer eager.Close()
			tag, err := conn.Exec(ctx, "SELECT 1", pgx.QueryExecModeSimpleProtocol)
			if (err == nil) != (c.want == "") || c.want == "" && tag.String() != "to SELECT 1" {
				t.Fatalf("%q, %v", tag, err)
			}
			if c.remote.dials != 1 || !bytes.HasSuffix(c.remote.first, []byte("SELECT 1\x00")) {
				t.Errorf("%d connections, the last with %q", c.remote.dials, c.remote.first)
			}
			failed := eager.Err()
			if (failed == nil) != (c.want == "") || failed != nil && !strings.Contains(failed.Error(), c.want) {
				t.Errorf("it failed for %v, want %q", failed, c.want)
			}
		})
	}
}
