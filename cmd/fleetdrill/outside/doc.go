// Package outside holds the commands by which another shell reaches what runs: a write of one's own
// and its reading, and the preflight of its regions, by the drill's socket, and kubectl and psql, by the fleet's record.
package outside
