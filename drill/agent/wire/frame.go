package wire

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// A stream of batches is a sequence of frames:
//
//	length of body  uint32, big endian
//	checksum        uint32, big endian: CRC-32C of the body
//	body            kind byte, then
//	  'B'  position, number of entries, and for each: index, epoch, id, payload
//	  'E'  the Error in JSON that ended the stream
//
// with numbers as unsigned varints, id and payload each after its length. TCP's
// own checksum misses about one damaged segment in 65,536 and ends where a
// proxy does, so the frames carry one of their own. A stream that stops without
// an 'E' was broken.

// ContentFrames is the content type of a stream of frames.
const ContentFrames = "application/x-fleetdrill-frames"

const (
	// MaxFrame bounds a frame's body, and so what a reader allocates for one. It
	// holds the largest entry there can be (MaxBody) several times over.
	MaxFrame = 4 << 20
	// splitAbove is how many bytes of entries go into one frame before another is
	// begun: about 40 ms of a 200 Mbps link, so that a heartbeat is not kept long.
	splitAbove = 1 << 20

	frameHeader  = 8
	frameBatch   = 'B'
	frameEnd     = 'E'
	minEntrySize = 4 // four varints of a byte each
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrFrame: a frame is damaged or is none. The stream cannot be read any further.
var ErrFrame = errors.New("bad frame")

// FrameWriter writes batches as frames. It is for one goroutine.
type FrameWriter struct {
	w   io.Writer
	buf []byte
}

// NewFrameWriter writes to w, with one Write a frame.
func NewFrameWriter(w io.Writer) *FrameWriter { return &FrameWriter{w: w} }

// Batch writes b as one frame, or as several when its entries are more than
// about a mebibyte. A batch without entries (a heartbeat) is a frame as well.
func (fw *FrameWriter) Batch(b store.Batch) error {
	rest := b.Entries
	for {
		n, size := 0, 0
		for n < len(rest) && (n == 0 || size < splitAbove) {
			size += len(rest[n].ID) + len(rest[n].Payload) + 4*binary.MaxVarintLen64
			n++
		}
		buf := fw.begin(frameBatch)
		buf = binary.AppendUvarint(buf, b.Position)
		buf = binary.AppendUvarint(buf, uint64(n))
		for _, e := range rest[:n] {
			buf = binary.AppendUvarint(buf, e.Index)
			buf = binary.AppendUvarint(buf, e.Epoch)
			buf = binary.AppendUvarint(buf, uint64(len(e.ID)))
			buf = append(buf, e.ID...)
			buf = binary.AppendUvarint(buf, uint64(len(e.Payload)))
			buf = append(buf, e.Payload...)
		}
		if err := fw.end(buf); err != nil {
			return err
		}
		if rest = rest[n:]; len(rest) == 0 {
			return nil
		}
	}
}

// End writes why the stream ends.
func (fw *FrameWriter) End(e *Error) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode the end of a stream: %w", err)
	}
	return fw.end(append(fw.begin(frameEnd), body...))
}

func (fw *FrameWriter) begin(kind byte) []byte {
	return append(append(fw.buf[:0], make([]byte, frameHeader)...), kind)
}

func (fw *FrameWriter) end(buf []byte) error {
	fw.buf = buf
	body := buf[frameHeader:]
	if len(body) > MaxFrame {
		return fmt.Errorf("frame of %d bytes is above %d: %w", len(body), MaxFrame, ErrFrame)
	}
	binary.BigEndian.PutUint32(buf, uint32(len(body)))
	binary.BigEndian.PutUint32(buf[4:], crc32.Checksum(body, castagnoli))
	_, err := fw.w.Write(buf)
	return err
}

// FrameReader reads what a FrameWriter wrote. It is for one goroutine.
type FrameReader struct{ r *bufio.Reader }

// NewFrameReader reads frames from r.
func NewFrameReader(r io.Reader) *FrameReader {
	return &FrameReader{r: bufio.NewReaderSize(r, 64<<10)}
}

// Next is the next batch; its payloads are the caller's to keep. The error is an
// *Error when the sender ended the stream, io.ErrUnexpectedEOF when it broke off,
// ErrFrame when it is damaged, or the reader's own.
func (fr *FrameReader) Next() (store.Batch, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(fr.r, header[:]); err != nil {
		return store.Batch{}, brokenOff(err)
	}
	length := binary.BigEndian.Uint32(header[:])
	if length == 0 || length > MaxFrame {
		return store.Batch{}, fmt.Errorf("frame says it has %d bytes, of 1 to %d: %w", length, MaxFrame, ErrFrame)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(fr.r, body); err != nil {
		return store.Batch{}, brokenOff(err)
	}
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(header[4:]) {
		return store.Batch{}, fmt.Errorf("checksum of a frame of %d bytes differs: %w", length, ErrFrame)
	}
	return decodeFrame(body)
}

// ready reports whether all of another batch has come: Next then waits for nothing.
func (fr *FrameReader) ready() bool {
	came := fr.r.Buffered()
	if came <= frameHeader {
		return false
	}
	head, err := fr.r.Peek(frameHeader + 1)
	return err == nil && head[frameHeader] == frameBatch && uint64(came) >= frameHeader+uint64(binary.BigEndian.Uint32(head))
}

// brokenOff distinguishes an end that no end frame announced from other errors.
func brokenOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func decodeFrame(body []byte) (store.Batch, error) {
	switch kind, rest := body[0], body[1:]; kind {
	case frameBatch:
		return decodeBatch(rest)
	case frameEnd:
		e := new(Error)
		if err := json.Unmarshal(rest, e); err != nil {
			return store.Batch{}, fmt.Errorf("end of stream cannot be read (%v): %w", err, ErrFrame)
		}
		return store.Batch{}, e
	default:
		return store.Batch{}, fmt.Errorf("frame of unknown kind %q: %w", kind, ErrFrame)
	}
}

func decodeBatch(body []byte) (store.Batch, error) {
	c := cursor{rest: body}
	b := store.Batch{Position: c.number()}
	count := c.number()
	// The count is checked against the bytes that are there before anything is allocated for it.
	if count > uint64(len(c.rest)/minEntrySize) {
		return store.Batch{}, fmt.Errorf("frame says it has %d entries in %d bytes: %w", count, len(c.rest), ErrFrame)
	}
	if count > 0 {
		b.Entries = make([]store.Entry, count)
	}
	for i := range b.Entries {
		b.Entries[i] = store.Entry{Index: c.number(), Epoch: c.number(), ID: string(c.bytes()), Payload: c.bytes()}
	}
	if c.bad || len(c.rest) > 0 {
		return store.Batch{}, fmt.Errorf("frame of %d entries does not fit its %d bytes: %w", count, len(body), ErrFrame)
	}
	return b, nil
}

// cursor takes a body apart; bad once it held less than was asked.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) number() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.bad, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) bytes() []byte {
	n := c.number()
	if n > uint64(len(c.rest)) {
		c.bad, c.rest = true, nil
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}
