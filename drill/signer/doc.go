// Package signer gives the workloads of a fleet their certificates and each other's bundles. It stands where the failover
// controller stands, and asks regions as that does: by way of the hub, where the fleet has one, so that a fleet that has lost
// its hub has nobody who signs. What it says of a region it has read from that region's gateway.
package signer
