// Package telemetry is what was measured of a fleet at one moment: of populations' requests, of links, of replicas and of
// what runs in a region. A state keeps the newest of each.
package telemetry
