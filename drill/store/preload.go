package store

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a preload consists of, the same in every engine and every region.
const (
	// PreloadEpoch is the epoch of preloaded entries: below any that a controller
	// promotes in, which begins above what it finds.
	PreloadEpoch = 1
	// PreloadEntry is the payload of one preloaded entry, in bytes: a batch of a stream
	// carries a few.
	PreloadEntry = 64 << 10
)

// PreloadEntries is how many entries come to at least that many bytes.
func PreloadEntries(bytes int64) uint64 { return uint64((bytes + PreloadEntry - 1) / PreloadEntry) }

// PreloadID is the id of a preloaded entry; the first is 1.
func PreloadID(index uint64) string { return fmt.Sprintf("preload-%08d", index) }

// PreloadPayload is the contents of a preloaded entry of a dataset: the same in every
// region, and such that nothing between regions can make it smaller.
func PreloadPayload(dataset string, index uint64) []byte {
	h := fnv.New64a()
	_, _ = h.Write([]byte(dataset))
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%016x%016x", h.Sum64(), index))
	payload := make([]byte, PreloadEntry)
	_, _ = rand.NewChaCha8(seed).Read(payload)
	return payload
}

// slowestDisk is the rate, in bytes a second, at which a preload is given up: a
// tenth of what a laptop's slow disk writes, all regions sharing it.
const slowestDisk = 2 << 20

// PreloadLimit is how long a dataset's weight may take to be written in every region.
func PreloadLimit(d topology.Dataset) time.Duration {
	return 30*time.Second + time.Duration(d.Weight/slowestDisk)*time.Second
}
