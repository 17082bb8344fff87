package server

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// busyConn is a connection on a busy machine: its first write returns only once the answer
// was read, and the next one is being waited for. By then the driver reads in the background.
type busyConn struct {
	net.Conn
	wrote atomic.Bool
	reads atomic.Int32
	waits chan struct{} // closed when it is read for the second time
}

func (c *busyConn) Read(p []byte) (int, error) {
	if c.reads.Add(1) == 2 {
		close(c.waits)
	}
	return c.Conn.Read(p)
}

func (c *busyConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if !c.wrote.Swap(true) {
		select {
		case <-c.waits:
		case <-time.After(5 * time.Second): // a driver that reads nothing in the background
		}
	}
	return n, err
}

// serve answers as PostgreSQL does: a login, and then each question with its own text. A process
// that sends the log takes no SQL.
func serve(t *testing.T, conn net.Conn, sends bool) {
	defer conn.Close()
	if _, err := ReadStartup(conn); err != nil {
		t.Error(err)
		return
	}
	welcome, err := Welcome(7, []byte{1, 2, 3, 4}, nil)
	if err == nil {
		_, err = conn.Write(welcome)
	}
	for err == nil {
		var asked, answer []byte
		if asked, err = ReadMessage(conn); err != nil {
			return // the connection is over
		}
		text := string(asked[5 : len(asked)-1])
		said := []pgproto3.BackendMessage{&pgproto3.CommandComplete{CommandTag: []byte(text)}, &pgproto3.ReadyForQuery{TxStatus: 'I'}}
		if sends && text != "IDENTIFY_SYSTEM" {
			said[0] = &pgproto3.ErrorResponse{Severity: "ERROR", Code: "0A000", Message: "cannot execute SQL commands in WAL sender for physical replication"}
		}
		if answer, err = encode(said...); err == nil {
			_, err = conn.Write(answer)
		}
	}
	t.Error(err)
}

// Another region logs in while this machine is so busy that the driver's write takes long.
// Who then asks something on that connection gets the answer, and not the driver.
func TestALoginOnABusyMachineTakesNoAnswer(t *testing.T) {
	for name, sends := range map[string]bool{"for SQL": false, "for the log": true} {
		t.Run(name, func(t *testing.T) {
			here, there := socketPair(t)
			go serve(t, there, sends)
			near, far := socketPair(t)
			parameters := map[string]string{}
			if sends {
				parameters["replication"] = "true"
			}
			first, err := Startup("postgres", parameters)
			if err == nil {
				_, err = near.Write(first)
			}
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			own, err := admit(ctx, &Server{}, func(context.Context) (net.Conn, error) {
				return &busyConn{Conn: here, waits: make(chan struct{})}, nil
			}, far)
			if err != nil {
				t.Fatal(err)
			}
			if said, err := UntilReady(near); err != nil {
				t.Fatalf("the login was answered with %q: %v", said, err)
			}
			question, err := (&pgproto3.Query{String: "IDENTIFY_SYSTEM"}).Encode(nil)
			if err == nil {
				_, err = own.Write(question)
			}
			if err == nil {
				err = own.SetReadDeadline(time.Now().Add(2 * time.Second))
			}
			if err != nil {
				t.Fatal(err)
			}
			if said, err := UntilReady(own); err != nil {
				t.Fatalf("the question was answered with %q: %v", said, err)
			}
		})
	}
}

// socketPair is two ends of a connection that takes what is written before it is read.
func socketPair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if a, err = net.Dial("tcp", listener.Addr().String()); err == nil {
		b, err = listener.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}
