// Package postgres is the PostgreSQL engine of package store: one region's copy
// of a dataset in a PostgreSQL server that the replica starts and supervises. The
// engine is not here yet, and no fleet file can ask for it: the room, its imports
// and the version of its driver are.
package postgres

import _ "github.com/jackc/pgx/v5" // the driver
