package tty

import (
	"context"
	"os"
	"testing"
	"time"
)

// A reader that stopped reading holds nobody up once the program is to end.
func TestOutletThatNobodyReads(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, stop := context.WithCancel(context.Background())
	o := NewOutlet(w, ctx)
	page := make([]byte, 1<<20) // more than a pipe holds
	written := make(chan error, 1)
	go func() { _, err := o.Write(page); written <- err }()
	select {
	case err := <-written:
		t.Fatalf("a write of a megabyte that nobody reads returned %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	stop()
	select {
	case err := <-written:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * stalledAfter):
		t.Fatal("a write waits for a reader although the program is to end")
	}
	if n, err := o.WriteString("more"); n != 4 || err != nil || !o.stalled.Load() {
		t.Fatalf("after that %d bytes, %v, stalled %v", n, err, o.stalled.Load())
	}
}
