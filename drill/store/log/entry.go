package log

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A stored entry is
//
//	checksum 4 | epoch 8 | length of id (uvarint) | id | payload
//
// big endian, under its index as an 8-byte key. The checksum (CRC-32C) is over the
// index and all that follows it, since bbolt has none of its own on data pages: a
// damaged page is to be an error, not other contents.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("damaged entry")

func indexKey(index uint64) []byte { return binary.BigEndian.AppendUint64(nil, index) }

func encodeEntry(e store.Entry) []byte {
	b := make([]byte, 4, 4+8+binary.MaxVarintLen16+len(e.ID)+len(e.Payload))
	b = binary.BigEndian.AppendUint64(b, e.Epoch)
	b = binary.AppendUvarint(b, uint64(len(e.ID)))
	b = append(b, e.ID...)
	b = append(b, e.Payload...)
	binary.BigEndian.PutUint32(b, checksum(e.Index, b[4:]))
	return b
}

// decodeEntry copies everything it returns: b belongs to a transaction.
func decodeEntry(index uint64, b []byte) (store.Entry, error) {
	if len(b) < 4+8+1 {
		return store.Entry{}, fmt.Errorf("%w %d: %d bytes", errDamaged, index, len(b))
	}
	if sum := binary.BigEndian.Uint32(b); sum != checksum(index, b[4:]) {
		return store.Entry{}, fmt.Errorf("%w %d: checksum does not match", errDamaged, index)
	}
	e := store.Entry{Index: index, Epoch: binary.BigEndian.Uint64(b[4:])}
	n, used := binary.Uvarint(b[12:])
	rest := b[12+max(used, 0):]
	if used <= 0 || n > uint64(len(rest)) {
		return store.Entry{}, fmt.Errorf("%w %d: id of %d bytes in %d", errDamaged, index, n, len(rest))
	}
	e.ID = string(rest[:n])
	e.Payload = append([]byte(nil), rest[n:]...)
	return e, nil
}

func checksum(index uint64, rest []byte) uint32 {
	return crc32.Update(crc32.Checksum(indexKey(index), castagnoli), castagnoli, rest)
}

// size is what an entry counts for where batches are bounded.
func size(e store.Entry) int { return len(e.ID) + len(e.Payload) }

// checkWrite says whether a write can be stored at all.
func checkWrite(id string, payload []byte) error {
	switch {
	case id == "":
		return fmt.Errorf("%w: it has no id", store.ErrBadWrite)
	case len(id) > MaxID:
		return fmt.Errorf("%w: its id has %d bytes, at most %d are taken", store.ErrBadWrite, len(id), MaxID)
	case len(payload) > MaxPayload:
		return fmt.Errorf("%w: its payload has %d bytes, at most %d are taken; split it", store.ErrBadWrite, len(payload), MaxPayload)
	}
	return nil
}
