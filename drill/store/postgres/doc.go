// Package postgres is the PostgreSQL engine of package store: one region's copy
// of a dataset in a PostgreSQL server that the replica starts and supervises.
package postgres

import _ "github.com/jackc/pgx/v5" // the driver
