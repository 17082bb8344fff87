package link

import (
	"testing"
	"time"
)

// TestTransits: what crosses a link is timed each way, from its read to when it is due, and not sooner than the shape has it;
// what passes at once is not.
func TestTransits(t *testing.T) {
	for name, tt := range map[string]struct {
		shape Shape
		least time.Duration
	}{"delayed": {Shape{RTT: 40 * time.Millisecond}, 20 * time.Millisecond}, "plain": {Shape{}, 0}} {
		t.Run(name, func(t *testing.T) {
			l := newLink(t, tt.shape)
			server := listen(t)
			r, err := l.Relay("east", "127.0.0.1:0", to(server.Addr().String()))
			if err != nil {
				t.Fatal(err)
			}
			client := dial(t, r.Addr().String())
			write(t, client, "a write")
			far := accept(t, server)
			expect(t, far, "a write")
			write(t, far, "acknowledged")
			expect(t, client, "acknowledged")
			there, back := l.Transits()
			for way, got := range map[string]Transit{"there": there, "back": back} {
				switch {
				case tt.least == 0 && got.Reads > 0:
					t.Errorf("%s: %+v of what passed at once", way, got)
				case tt.least > 0 && (got.Reads == 0 || got.Took/time.Duration(max(got.Reads, 1)) < tt.least):
					t.Errorf("%s: %+v, want reads of %s at least", way, got, tt.least)
				}
			}
		})
	}
}
