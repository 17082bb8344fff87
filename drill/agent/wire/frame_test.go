package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"runtime"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func entries(n, size int) []store.Entry {
	out := make([]store.Entry, n)
	for i := range out {
		out[i] = store.Entry{Index: uint64(i + 1), Epoch: uint64(i/10 + 1), ID: fmt.Sprintf("id-%d", i), Payload: bytes.Repeat([]byte{byte(i)}, size)}
	}
	return out
}

// readAll reads batches until the stream ends.
func readAll(r io.Reader) (batches []store.Batch, err error) {
	frames := NewFrameReader(r)
	for {
		b, err := frames.Next()
		if err != nil {
			return batches, err
		}
		batches = append(batches, b)
	}
}

func TestFramesRoundTrip(t *testing.T) {
	tests := []struct {
		name   string
		batch  store.Batch
		frames int
	}{
		{"a heartbeat", store.Batch{Position: 7}, 1},
		{"one entry", store.Batch{Position: 1, Entries: entries(1, 256)}, 1},
		{"the largest numbers", store.Batch{Position: 1<<64 - 1, Entries: []store.Entry{{Index: 1<<64 - 1, Epoch: 1<<64 - 1, ID: "x", Payload: []byte{0}}}}, 1},
		{"many small entries", store.Batch{Position: 5000, Entries: entries(5000, 16)}, 1},
		{"more than a frame takes", store.Batch{Position: 40, Entries: entries(40, 100<<10)}, 4},
		{"one entry above the split", store.Batch{Position: 3, Entries: entries(3, 2<<20)}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var wire bytes.Buffer
			if err := NewFrameWriter(&wire).Batch(tt.batch); err != nil {
				t.Fatal(err)
			}
			batches, err := readAll(&wire)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("end: %v, want ErrUnexpectedEOF where no end was sent", err)
			}
			if len(batches) != tt.frames {
				t.Errorf("%d frames, want %d", len(batches), tt.frames)
			}
			var got []store.Entry
			for _, b := range batches {
				if b.Position != tt.batch.Position {
					t.Errorf("position %d, want %d", b.Position, tt.batch.Position)
				}
				got = append(got, b.Entries...)
			}
			if !reflect.DeepEqual(got, tt.batch.Entries) {
				t.Errorf("%d entries came out unlike the %d that went in", len(got), len(tt.batch.Entries))
			}
		})
	}
}

func TestFramesEndWithTheReason(t *testing.T) {
	var wire bytes.Buffer
	w := NewFrameWriter(&wire)
	err := errors.Join(w.Batch(store.Batch{Position: 1}), w.End(&Error{Code: CodeNotAuthority, Message: "led until now", Region: "us-east"}))
	if err != nil {
		t.Fatal(err)
	}
	batches, err := readAll(&wire)
	if len(batches) != 1 || !errors.Is(err, store.ErrNotAuthority) {
		t.Errorf("%d batches, %v", len(batches), err)
	}
}

func TestAnEntryThatFitsNoFrame(t *testing.T) {
	err := NewFrameWriter(io.Discard).Batch(store.Batch{Entries: entries(1, MaxFrame)})
	if !errors.Is(err, ErrFrame) {
		t.Errorf("%v, want ErrFrame", err)
	}
}

// framed puts a body into a frame with a checksum that is right.
func framed(body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = binary.BigEndian.AppendUint32(out, crc32.Checksum(body, castagnoli))
	return append(out, body...)
}

func TestBadFrames(t *testing.T) {
	var good bytes.Buffer
	if err := NewFrameWriter(&good).Batch(store.Batch{Position: 3, Entries: entries(3, 10)}); err != nil {
		t.Fatal(err)
	}
	huge := binary.AppendUvarint([]byte{frameBatch, 1}, 1<<60)
	tests := []struct {
		name  string
		bytes []byte
		want  error
	}{
		{"nothing", nil, io.ErrUnexpectedEOF},
		{"half a header", good.Bytes()[:5], io.ErrUnexpectedEOF},
		{"half a body", good.Bytes()[:good.Len()-1], io.ErrUnexpectedEOF},
		{"an empty frame", make([]byte, 8), ErrFrame},
		{"a frame of 4 GiB", bytes.Repeat([]byte{0xff}, 64), ErrFrame},
		{"an unknown kind", framed([]byte("Zzz")), ErrFrame},
		{"an end that is no JSON", framed([]byte("E{")), ErrFrame},
		{"a count without entries", framed(huge), ErrFrame},
		{"a number without an end", framed([]byte{frameBatch, 0xff, 0xff}), ErrFrame},
		{"an id longer than the frame", framed([]byte{frameBatch, 1, 1, 1, 1, 200, 1, 'x', 0}), ErrFrame},
		{"something after the entries", framed([]byte{frameBatch, 1, 0, 9}), ErrFrame},
		{"HTML", []byte("<html><body>Bad gateway</body></html>"), ErrFrame},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			batches, err := readAll(bytes.NewReader(tt.bytes))
			if len(batches) != 0 || !errors.Is(err, tt.want) {
				t.Errorf("%d batches, %v; want %v", len(batches), err, tt.want)
			}
		})
	}
	t.Run("any byte damaged", func(t *testing.T) {
		for i := range good.Len() {
			bad := bytes.Clone(good.Bytes())
			bad[i] ^= 0x41
			if batches, err := readAll(bytes.NewReader(bad)); len(batches) != 0 || err == nil {
				t.Errorf("byte %d damaged: %d batches, %v", i, len(batches), err)
			}
		}
	})
}

// FuzzFrames: no bytes make the reader panic, hold much more memory than a frame
// may have, or accept what does not come out the same again.
func FuzzFrames(f *testing.F) {
	for _, b := range []store.Batch{{}, {Position: 9, Entries: entries(3, 20)}, {Position: 1 << 40, Entries: entries(1, 5000)}} {
		var wire bytes.Buffer
		if err := NewFrameWriter(&wire).Batch(b); err != nil {
			f.Fatal(err)
		}
		f.Add(wire.Bytes(), false)
		f.Add(wire.Bytes()[frameHeader:], true)
	}
	f.Add([]byte{0, 64, 0, 0, 1, 2, 3, 4}, false)
	f.Add(binary.AppendUvarint([]byte{frameBatch, 1}, 1<<60), true)
	f.Fuzz(func(t *testing.T, data []byte, frame bool) {
		if frame { // past the checksum, to reach what is behind it
			data = framed(data)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		batches, err := readAll(bytes.NewReader(data))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Fatal("a stream without an end had no error")
		}
		// An entry in memory is up to 18 times its least size in a frame.
		if grown, limit := after.TotalAlloc-before.TotalAlloc, uint64(MaxFrame+1<<20+40*len(data)); grown > limit {
			t.Fatalf("%d bytes were allocated for %d, limit %d", grown, len(data), limit)
		}
		for _, b := range batches {
			var wire bytes.Buffer
			if err := NewFrameWriter(&wire).Batch(b); err != nil {
				t.Fatal(err)
			}
			var again []store.Entry
			more, _ := readAll(&wire)
			for _, m := range more {
				again = append(again, m.Entries...)
			}
			if len(again) != len(b.Entries) || len(again) > 0 && !reflect.DeepEqual(again, b.Entries) {
				t.Fatalf("%d entries came out again as %d", len(b.Entries), len(again))
			}
		}
	})
}

func BenchmarkFrames(b *testing.B) {
	batch := store.Batch{Position: 1000, Entries: entries(1000, 256)}
	var wire bytes.Buffer
	w := NewFrameWriter(&wire)
	for b.Loop() {
		wire.Reset()
		if err := w.Batch(batch); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(wire.Len()))
		if _, err := NewFrameReader(&wire).Next(); err != nil {
			b.Fatal(err)
		}
	}
}
