// Package postgres is the PostgreSQL engine of package store: one region's copy
// of a dataset in a PostgreSQL server (15 or later) that the replica makes,
// starts, supervises, clones (pg_basebackup), promotes and rewinds (pg_rewind).
//
// Replication is PostgreSQL's own streaming replication. A standby connects to a
// Unix socket of its own replica, the proxy, which leads through the tunnel of
// store.Dialer to the authority's server: so its bytes pass the region's gateways
// and the link, are counted, and are cut with it. The proxy holds it off until the
// replica has found that its history is a part of the authority's, or made it so.
//
// A standby asks one question after the other, each a round trip: it connects, logs in, asks
// who that is, for the history of each timeline, for the old one's end, for the new one. So
// what it will ask is asked ahead, while the histories are compared: the password is asked for
// at the far end, the stream is opened, and what leads to the new timeline is put into its log
// (packages proxy, server, history and timeline). From Follow to the first report are three and
// a half round trips.
//
// Who leads is decided outside: as in the log engine, a replica obeys epochs and a
// lease counted on its own monotonic clock (package replica). The server itself knows
// nothing of them; nobody but the replica can reach it, and the replica acknowledges a
// write only while it holds the lease.
//
// Epochs are rows of a table, replicated as all else. Timelines alone would not
// do: two servers that were promoted apart from each other choose the same number.
package postgres
