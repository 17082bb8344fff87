package postgres

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

// way opens a connection to a server.
type way func(ctx context.Context) (net.Conn, error)

// ownServer leads to the own server.
func (r *Replica) ownServer(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", address(r.at.socket("server")))
}

// configure has a driver's connections go a way of ours, whatever its host says: the
// driver knows no abstract sockets.
func (r *Replica) configure(c *pgconn.Config, to way) {
	c.Password, c.TLSConfig, c.Fallbacks = r.cfg.Password, nil, nil
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) { return to(ctx) }
}

// target is a connection string for the driver alone.
const target = "host=127.0.0.1 port=" + port + " user=" + role + " dbname=postgres sslmode=disable application_name=fleetdrill"

// connect opens one connection by a way. Far away QueryExecModeExec saves a round trip a
// statement, which is not prepared then.
func (r *Replica) connect(ctx context.Context, mode pgx.QueryExecMode, to way) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, err
	}
	c.DefaultQueryExecMode = mode
	r.configure(&c.Config, to)
	return pgx.ConnectConfig(ctx, c)
}

// pool makes connections to the own server. local is for writes whose commit waits for
// no standby.
func (r *Replica) pool(size int32, local bool) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(target)
	if err != nil {
		return nil, fmt.Errorf("connections to the server of %s: %w", r.cfg.Dataset, err)
	}
	c.MaxConns, c.MinConns = size, 0
	r.configure(&c.ConnConfig.Config, r.ownServer)
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	if local {
		c.ConnConfig.RuntimeParams["synchronous_commit"] = "local"
	}
	// A commit that waits for standbys does not notice that its client has gone: at the
	// end of its generation it must be cancelled, or it would keep its connection.
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

// confirmed says whether the statement that a connection has just run was let go by
// its standbys and not by a cancellation, and forgets about it.
func confirmed(conn *pgx.Conn) bool {
	data := conn.PgConn().CustomData()
	_, was := data[cancelled]
	delete(data, cancelled)
	return !was
}
