//go:build !race

package engine

// labRate is a lab population's requests per second.
const labRate = 60
