package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

type echo struct{}

func (echo) Do(_ context.Context, c runbook.Command) Answer {
	return Answer{Command: 3, Proof: c.String()}
}
func (echo) Preflight() Answer {
	return Answer{Targets: []preflight.Target{{Region: "eu-west", Dataset: "orders"}}}
}

func (echo) Visitors() Answer { return Answer{VisitorURL: "http://127.0.0.1:4711"} }
func (echo) Read(_ context.Context, r Read) Answer {
	return Answer{Entry: &Entry{Dataset: r.Dataset, ID: r.ID, Replicas: []Replica{{Region: "a", Payload: []byte("hello")}}}}
}

// served has a drill that listens in a folder of its own.
func served(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, echo{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("served until the end with %v", err)
		}
		if _, err := os.Lstat(filepath.Join(dir, Name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left: %v", err)
		}
	})
}

// One line is asked and one is answered, also where the folder's path is longer than a socket's
// may be.
func TestAskAndAnswer(t *testing.T) {
	long := strings.Repeat("a-deep-folder/", 12)
	for name, below := range map[string]string{"short": "f", "long": long} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), below)
			served(t, dir)
			a, err := Ask(t.Context(), dir, Request{Command: &runbook.Command{Verb: "write", Dataset: "orders", Population: "near", Text: "hello"}})
			if err != nil || a.Command != 3 || a.Proof != "write orders as near: hello" {
				t.Errorf("%+v, %v", a, err)
			}
			a, err = Ask(t.Context(), dir, Request{Read: &Read{Dataset: "orders", ID: "w-1"}})
			if err != nil || a.Entry == nil || a.Entry.ID != "w-1" || string(a.Entry.Replicas[0].Payload) != "hello" {
				t.Errorf("%+v, %v", a, err)
			}
			if a, err = Ask(t.Context(), dir, Request{}); err != nil || a.Error == "" || a.Next == "" {
				t.Errorf("asked nothing: %+v, %v", a, err)
			}
		})
	}
}

// Nobody but the owner can connect: the socket is theirs alone, in a folder that is.
func TestTheSocketIsItsOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	served(t, dir)
	info, err := os.Lstat(filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket is %s", info.Mode())
	}
	open := t.TempDir()
	if err := os.Chmod(open, 0o750); err != nil {
		t.Fatal(err)
	}
	if l, err := Listen(open); err == nil {
		_ = l.Close()
		t.Error("a drill listens where others may enter")
	} else if !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("%v does not say what to do", err)
	}
}

// A folder that another user owns is refused, and so is a link to one of this user's.
func TestTheFolderIsItsOwnersAlone(t *testing.T) {
	parent := t.TempDir()
	dir, link := filepath.Join(parent, "f"), filepath.Join(parent, "link")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Symlink(dir, link)); err != nil {
		t.Fatal(err)
	}
	me := os.Geteuid()
	if err := private(dir, me); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{"another's": private(dir, me+1), "a link": private(link, me)} {
		if err == nil || !strings.Contains(err.Error(), "use another --state-dir") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A drill that was killed leaves its socket: nobody answers there, and the next drill takes its
// place. Where there is no fleet there is no drill either.
func TestNobodyListens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	if _, err := Ask(t.Context(), dir, Request{}); !errors.Is(err, ErrNobody) {
		t.Errorf("of no fleet: %v", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, Name), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), dir, Request{}); !errors.Is(err, ErrNobody) {
		t.Errorf("of a socket that was left: %v", err)
	}
	served(t, dir)
	if _, err := Ask(t.Context(), dir, Request{Read: &Read{}}); err != nil {
		t.Errorf("after the next drill began: %v", err)
	}
}

// short is a listener that can accept nobody.
type short struct {
	err   error
	fails int // before it is closed
	tried int
}

func (s *short) Accept() (net.Conn, error) {
	if s.tried++; s.tried > s.fails {
		return nil, net.ErrClosed
	}
	return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", s.err)}
}
func (*short) Close() error   { return nil }
func (*short) Addr() net.Addr { return nil }

// What passes is tried again, more and more seldom, until the drill ends; what does not is said.
func TestAcceptingIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{syscall.EMFILE, syscall.ECONNABORTED} {
			l, began := &short{err: err, fails: 20}, time.Now()
			if got := Serve(t.Context(), l, echo{}); got != nil || l.tried != 21 {
				t.Errorf("after %d times %s: %v", l.tried, err, got)
			}
			if took := time.Since(began); took < 10*time.Second || took > 20*time.Second {
				t.Errorf("20 failures took %s", took)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := Serve(ctx, &short{err: syscall.EMFILE, fails: 1000}, echo{}); err != nil {
			t.Errorf("the drill ended, and it says %v", err)
		}
		if err := Serve(t.Context(), &short{err: syscall.EINVAL, fails: 1}, echo{}); !errors.Is(err, syscall.EINVAL) {
			t.Errorf("what does not pass is %v", err)
		}
	})
}

// What is no question of ours is answered, and ends nothing.
func TestForeignTalk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	served(t, dir)
	for _, said := range []string{"GET / HTTP/1.1\r\n\r\n", "{\n", strings.Repeat("x", mostLine) + "\n"} {
		conn, err := dial(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, said) // it may be ended before it is all said
		answer, _ := io.ReadAll(conn)
		if len(answer) > 0 && !strings.Contains(string(answer), `"error"`) {
			t.Errorf("%.20q is answered %q", said, answer)
		}
		_ = conn.Close()
	}
	if _, err := Ask(t.Context(), dir, Request{Read: &Read{}}); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// What is longer than any command is refused on both sides: as such, and not as a line that broke off.
func TestALongQuestion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	served(t, dir)
	for _, size := range []int{mostLine, 10 << 20} {
		if _, err := Ask(t.Context(), dir, Request{Read: &Read{Dataset: "orders", ID: strings.Repeat("x", size)}}); !errors.Is(err, errTooLong) {
			t.Errorf("%d bytes were asked: %v", size, err)
		}
	}
	conn, err := net.Dial("unix", filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(`"` + strings.Repeat("x", mostLine-1))); err != nil {
		t.Fatal(err)
	}
	var a Answer
	if err := json.NewDecoder(conn).Decode(&a); err != nil || a.Error != errTooLong.Error() || a.Next == "" {
		t.Errorf("another program's long question: %+v, %v", a, err)
	}
}

// A folder that others may enter, or a link to one, is not asked: another may listen there.
func TestAFolderOfOthersIsNotAsked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	served(t, dir)
	if err := os.Symlink(dir, dir+"-link"); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), dir+"-link", Request{Read: &Read{}}); err == nil || !strings.Contains(err.Error(), "no folder but a link") {
		t.Errorf("through a link: %v", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(t.Context(), dir, Request{Read: &Read{}}); err == nil || !strings.Contains(err.Error(), "open to others") {
		t.Errorf("of a folder that others may enter: %v", err)
	}
}

// Who does not wait for an answer is told just that, and not that the drill ended.
func TestWhoDoesNotWait(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir) // and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := Ask(ctx, dir, Request{Read: &Read{}}); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "ended") {
		t.Errorf("error %v", err)
	}
}
