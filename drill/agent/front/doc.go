// Package front is the one port of a region's gateway, on which users speak plain HTTP and the fleet's own workloads mutual
// TLS: it tells them apart by their first byte, says who may ask what, and is where the gateway gets its certificates.
package front
