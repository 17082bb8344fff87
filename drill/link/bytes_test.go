package link

import (
	"testing"
	"time"
)

// TestRelayBytes: what passes by one relay is counted there, each way as seen from its place, and by no other; the relays
// of a link come to what the link counts.
func TestRelayBytes(t *testing.T) {
	tests := []struct {
		name  string
		shape Shape
	}{
		{"plain", Shape{}},
		{"delayed", Shape{RTT: 4 * time.Millisecond}},
		{"narrow", Shape{Bandwidth: 8_000_000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t, tt.shape)
			server := listen(t)
			relays := map[string]*Relay{}
			for name, from := range map[string]string{"orders": "east", "users": "east", "back": "west"} {
				r, err := l.Relay(from, "127.0.0.1:0", to(server.Addr().String()))
				if err != nil {
					t.Fatal(err)
				}
				relays[name] = r
			}
			talk := func(name, says, answers string) {
				client := dial(t, relays[name].Addr().String())
				write(t, client, says)
				far := accept(t, server)
				expect(t, far, says)
				write(t, far, answers)
				expect(t, client, answers)
			}
			talk("orders", "a write", "acknowledged")
			talk("orders", "another", "that too")
			talk("back", "hello", "x")
			tests := []struct {
				relay     string
				out, back uint64
			}{{"orders", 14, 20}, {"users", 0, 0}, {"back", 5, 1}}
			check := func() {
				t.Helper()
				for _, tt := range tests {
					if out, back := relays[tt.relay].Bytes(); out != tt.out || back != tt.back {
						t.Errorf("%s: %d out and %d back, want %d and %d", tt.relay, out, back, tt.out, tt.back)
					}
				}
				if east, west := l.Bytes(); east != 14+1 || west != 20+5 {
					t.Errorf("the link counted %d and %d, want the sum of its relays: 15 and 25", east, west)
				}
			}
			check()
			// What a cut holds has not passed.
			client := dial(t, relays["users"].Addr().String())
			write(t, client, "before")
			far := accept(t, server)
			expect(t, far, "before")
			l.SetCut(Cut{AtoB: true})
			write(t, client, "held")
			expectNothing(t, far)
			if out, _ := relays["users"].Bytes(); out != 6 {
				t.Errorf("%d bytes counted, 6 were delivered before the cut", out)
			}
			l.SetCut(Cut{})
			expect(t, far, "held")
			if err := relays["users"].Close(); err != nil {
				t.Fatal(err)
			}
			if out, back := relays["users"].Bytes(); out != 10 || back != 0 {
				t.Errorf("after close: %d out and %d back, want 10 and 0", out, back)
			}
		})
	}
}
