package server

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// cancelled marks, in a connection's own data, that the server let a commit go that
// its standbys had not confirmed.
const cancelled = "fleetdrill: wait for standbys cancelled"

// Dialer opens a connection to a server.
type Dialer func(ctx context.Context) (net.Conn, error)

// Dial opens a connection to the own server.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", Address(s.at.Socket(ownSocket)))
}

// configure has a driver's connections go through a dialer of ours, whatever its host
// says: the driver knows no abstract sockets.
func (s *Server) configure(c *pgconn.Config, dial Dialer) {
	c.Password, c.TLSConfig, c.Fallbacks = s.cfg.Password, nil, nil
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
}

// target is a connection string for the driver alone.
const target = "host=127.0.0.1 port=" + port + " user=" + Role + " dbname=postgres sslmode=disable application_name=fleetdrill"

// Connect opens one connection through a dialer. Statements are not prepared, which far
// away saves a round trip each.
func (s *Server) Connect(ctx context.Context, dial Dialer) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, err
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	s.configure(&c.Config, dial)
	return pgx.ConnectConfig(ctx, c)
}

// Pool makes connections to the own server. local is for writes whose commit waits for
// no standby.
func (s *Server) Pool(size int32, local bool) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(target)
	if err != nil {
		return nil, fmt.Errorf("connections to the server of %s: %w", s.cfg.Dataset, err)
	}
	c.MaxConns, c.MinConns = size, 0
	s.configure(&c.ConnConfig.Config, s.Dial)
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if local {
		c.ConnConfig.RuntimeParams["synchronous_commit"] = "local"
	}
	// A commit that waits for standbys does not notice that its client has gone: at the
	// end of its writer it must be cancelled, or it would keep its connection.
	c.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
	}
	// The server then answers as if the commit were confirmed, but for a warning. The
	// request may also reach the statement after the one that it was meant for.
	c.ConnConfig.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if strings.HasPrefix(n.Message, "canceling wait for synchronous replication") {
			conn.CustomData()[cancelled] = true
		}
	}
	return pgxpool.NewWithConfig(context.Background(), c)
}

// Confirmed says whether the statement that a connection has just run was let go by
// its standbys and not by a cancellation, and forgets about it.
func Confirmed(conn *pgx.Conn) bool {
	data := conn.PgConn().CustomData()
	_, was := data[cancelled]
	delete(data, cancelled)
	return !was
}
