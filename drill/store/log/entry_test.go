package log

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestEntryRoundTrip(t *testing.T) {
	for _, e := range []store.Entry{
		{Index: 1, Epoch: 1, ID: "a"},
		{Index: 1 << 40, Epoch: 1<<64 - 1, ID: strings.Repeat("ü", MaxID/2), Payload: bytes.Repeat([]byte{0}, MaxPayload)},
	} {
		got, err := decodeEntry(e.Index, encodeEntry(e))
		if err != nil || !sameEntry(got, e) {
			t.Errorf("entry %d came back as %d, %d bytes (%v)", e.Index, got.Index, len(got.Payload), err)
		}
	}
}

func TestDecodeBadEntry(t *testing.T) {
	good := encodeEntry(store.Entry{Index: 7, Epoch: 3, ID: "id", Payload: []byte("payload")})
	// sealed has a checksum that fits, so that what is behind it is looked at.
	sealed := func(rest ...byte) []byte {
		b := append(make([]byte, 4), rest...)
		sum := checksum(7, b[4:])
		b[0], b[1], b[2], b[3] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		return b
	}
	epoch := []byte{0, 0, 0, 0, 0, 0, 0, 3}
	tests := []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"shorter than its head", good[:12]},
		{"cut off", good[:len(good)-1]},
		{"longer", append(slices.Clone(good), 0)},
		{"of another index", encodeEntry(store.Entry{Index: 8, Epoch: 3, ID: "id", Payload: []byte("payload")})},
		{"id longer than the rest", sealed(append(slices.Clone(epoch), 200, 1, 'x')...)},
		{"id length without an end", sealed(append(slices.Clone(epoch), 0xff, 0xff)...)},
		{"id length that overflows", sealed(append(slices.Clone(epoch), bytes.Repeat([]byte{0xff}, 11)...)...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if e, err := decodeEntry(7, tt.b); !errors.Is(err, errDamaged) {
				t.Errorf("decoded as %+v (%v)", e, err)
			}
		})
	}
	for i := range good {
		for bit := range 8 {
			bad := slices.Clone(good)
			bad[i] ^= 1 << bit
			if e, err := decodeEntry(7, bad); !errors.Is(err, errDamaged) {
				t.Fatalf("bit %d of byte %d flipped: decoded as %+v (%v)", bit, i, e, err)
			}
		}
	}
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(uint64(7), encodeEntry(store.Entry{Index: 7, Epoch: 3, ID: "id", Payload: []byte("payload")}), false)
	f.Add(uint64(0), []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255}, true)
	f.Fuzz(func(t *testing.T, index uint64, b []byte, seal bool) {
		if seal && len(b) >= 4 {
			sum := checksum(index, b[4:])
			b[0], b[1], b[2], b[3] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		}
		e, err := decodeEntry(index, b)
		if err != nil {
			return
		}
		// A length can be spelt in more than one way, so bytes are not compared.
		if again, err := decodeEntry(index, encodeEntry(e)); err != nil || !sameEntry(again, e) {
			t.Fatalf("%+v came back as %+v (%v)", e, again, err)
		}
	})
}

func TestHistory(t *testing.T) {
	h := history{{1, 1}, {3, 11}, {4, 15}}
	tests := []struct {
		name  string
		h     history
		epoch uint64
		want  store.EpochEnd
	}{
		{"of an empty log", nil, 5, store.EpochEnd{}},
		{"before the first", history{{2, 1}}, 1, store.EpochEnd{}},
		{"the first", h, 1, store.EpochEnd{Epoch: 1, End: 10}},
		{"one it has not got", h, 2, store.EpochEnd{Epoch: 1, End: 10}},
		{"one in the middle", h, 3, store.EpochEnd{Epoch: 3, End: 14}},
		{"the last", h, 4, store.EpochEnd{Epoch: 4, End: 20}},
		{"beyond the last", h, 9, store.EpochEnd{Epoch: 4, End: 20}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.h.end(tt.epoch, 20); got != tt.want {
				t.Errorf("end of epoch %d is %+v, want %+v", tt.epoch, got, tt.want)
			}
		})
	}
	if got := h.begin(7, 15); !slices.Equal(got, history{{1, 1}, {3, 11}, {7, 15}}) {
		t.Errorf("an epoch without entries stayed: %v", got)
	}
	if got := h.cut(14); !slices.Equal(got, history{{1, 1}, {3, 11}}) {
		t.Errorf("cut to %v", got)
	}
	if !slices.Equal(h, history{{1, 1}, {3, 11}, {4, 15}}) {
		t.Errorf("the original changed: %v", h)
	}
}
