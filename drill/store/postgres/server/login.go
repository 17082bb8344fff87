package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Opener opens a connection to a far server, on which first is said first. That travels
// with the request for the connection, and so costs no round trip.
type Opener func(ctx context.Context, first []byte) (net.Conn, error)

// What a client may begin with in place of a startup message (PostgreSQL's manual,
// "Message Formats").
const (
	cancelCode = 80877102
	sslCode    = 80877103
	gssCode    = 80877104
)

// mostStartup is the longest startup message that a server takes (MAX_STARTUP_PACKET_LENGTH).
const mostStartup = 10000

// ReadStartup reads what a client begins with, and no byte beyond: a startup message, or a
// request to cancel. A request for encryption it answers with no.
func ReadStartup(conn net.Conn) ([]byte, error) {
	for {
		message := make([]byte, 8)
		if _, err := io.ReadFull(conn, message); err != nil {
			return nil, err
		}
		size := binary.BigEndian.Uint32(message)
		if size < 8 || size > mostStartup {
			return nil, fmt.Errorf("a startup message of %d bytes is none", size)
		}
		switch binary.BigEndian.Uint32(message[4:]) {
		case sslCode, gssCode:
			if _, err := conn.Write([]byte{'N'}); err != nil {
				return nil, err
			}
			continue
		}
		message = append(message, make([]byte, size-8)...)
		_, err := io.ReadFull(conn, message[8:])
		return message, err
	}
}

// Startup is the startup message of a connection to a database, with further parameters.
func Startup(database string, parameters map[string]string) ([]byte, error) {
	all := maps.Clone(parameters)
	all["user"], all["database"] = Role, database
	return (&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: all}).Encode(nil)
}

// Welcome is what a client is answered that needs no password. parameters are what the
// server reports of itself.
func Welcome(pid uint32, key []byte, parameters map[string]string) ([]byte, error) {
	said := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		said = append(said, &pgproto3.ParameterStatus{Name: name, Value: parameters[name]})
	}
	said = append(said, &pgproto3.BackendKeyData{ProcessID: pid, SecretKey: key}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	return encode(said...)
}

// Refusal is what a client is answered that may not connect.
func Refusal(err error) ([]byte, error) {
	refused := &pgproto3.ErrorResponse{Severity: "FATAL", Code: "08006", Message: err.Error()} // connection_failure
	var said *pgconn.PgError
	if errors.As(err, &said) {
		refused.Severity, refused.Code, refused.Message = said.Severity, said.Code, said.Message
	}
	return encode(refused)
}

func encode(messages ...pgproto3.BackendMessage) (out []byte, err error) {
	for _, m := range messages {
		if out, err = m.Encode(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Admit connects what comes from another region to the own server, and returns the
// connection to that. Who asks has proved itself to the region's gateway, and the password
// is known here: so it is asked for here, where that takes no round trip over the link.
func Admit(ctx context.Context, s *Server, conn net.Conn) (net.Conn, error) {
	return admit(ctx, s, s.Dial, conn)
}

func admit(ctx context.Context, s *Server, dial Dialer, conn net.Conn) (net.Conn, error) {
	raw, err := ReadStartup(conn)
	if err != nil {
		return nil, fmt.Errorf("read what a connection begins with: %w", err)
	}
	if binary.BigEndian.Uint32(raw[4:]) == cancelCode {
		own, err := dial(ctx)
		if err == nil {
			_, err = own.Write(raw)
		}
		return own, err
	}
	var startup pgproto3.StartupMessage
	if err := startup.Decode(raw[4:]); err != nil {
		return nil, fmt.Errorf("read what a connection begins with: %w", err)
	}
	own, welcome, err := login(ctx, s, dial, startup.Parameters)
	if err != nil {
		refusal, _ := Refusal(err) // the text of an error can be said
		_, _ = conn.Write(refusal)
		return nil, fmt.Errorf("connect to the server of %s: %w", s.cfg.Dataset, err)
	}
	if _, err := conn.Write(welcome); err != nil {
		return nil, errors.Join(err, own.Close())
	}
	return own, nil
}

// login opens a connection to the own server with a client's parameters. It returns what
// the client is answered.
func login(ctx context.Context, s *Server, dial Dialer, parameters map[string]string) (net.Conn, []byte, error) {
	c, err := pgconn.ParseConfig(target)
	if err != nil {
		return nil, nil, err
	}
	s.configure(c, dial)
	c.Database = parameters["database"]
	clear(c.RuntimeParams)
	for name, value := range parameters {
		if name != "user" && name != "database" {
			c.RuntimeParams[name] = value
		}
	}
	logged, err := pgconn.ConnectConfig(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	var own *pgconn.HijackedConn
	if err = settle(ctx, logged); err == nil {
		own, err = logged.Hijack()
	}
	if err != nil {
		return nil, nil, errors.Join(err, logged.Close(ctx))
	}
	welcome, err := Welcome(own.PID, own.SecretKey, own.ParameterStatuses)
	if err != nil {
		return nil, nil, errors.Join(err, own.Conn.Close())
	}
	return own.Conn, welcome, nil
}

// settle has the driver read nothing more. Where the login took it longer to write than it
// should, as on a busy machine, the driver reads in the background, and would take the answer
// to the first question of whoever has the connection next: who asked would wait for ever.
// The driver then asks something itself. A process that sends the log takes no SQL, and
// answers with an error, which does as well.
func settle(ctx context.Context, logged *pgconn.PgConn) (err error) {
	for range mostSettled {
		var refused *pgconn.PgError
		if err = logged.SyncConn(ctx); !errors.As(err, &refused) {
			return err
		}
	}
	return err
}

// mostSettled is how often settle tries: each time the write itself may take too long again.
const mostSettled = 10

// ReadMessage reads one message that a server or, after its startup, a client sent.
func ReadMessage(conn net.Conn) ([]byte, error) {
	message := make([]byte, 5)
	if _, err := io.ReadFull(conn, message); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(message[1:])
	if size < 4 || size > mostMessage {
		return nil, fmt.Errorf("a message of %d bytes is none of a login", size)
	}
	message = append(message, make([]byte, size-4)...)
	_, err := io.ReadFull(conn, message[5:])
	return message, err
}

// mostMessage is the longest message that ReadMessage reads, of a login and a short answer.
const mostMessage = 1 << 16

// ErrRefused: the server answered with an error.
var ErrRefused = errors.New("the server refused")

// UntilReady reads what a server sends until it is ready for the next question. With
// ErrRefused it has sent that it is not.
func UntilReady(conn net.Conn) (said []byte, err error) {
	for {
		message, err := ReadMessage(conn)
		if err != nil {
			return said, err
		}
		said = append(said, message...)
		switch message[0] {
		case 'Z': // ReadyForQuery
			return said, nil
		case 'E': // ErrorResponse
			var refused pgproto3.ErrorResponse
			if err := refused.Decode(message[5:]); err != nil {
				return said, err
			}
			return said, fmt.Errorf("%w: %s", ErrRefused, refused.Message)
		}
	}
}
