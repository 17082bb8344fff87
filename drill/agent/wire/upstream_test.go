package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// frames answers a stream: each send is a frame that is flushed.
func frames(do func(w *FrameWriter, flush func(), r *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", ContentFrames)
		do(NewFrameWriter(w), func() { _ = http.NewResponseController(w).Flush() }, r)
	}
}

func beat(w *FrameWriter, flush func()) {
	_ = w.Batch(store.Batch{Position: 1, Entries: entries(1, 8)}) // the reader sees what is missing
	flush()
}

func TestUpstreamStreamEnds(t *testing.T) {
	tests := []struct {
		name   string
		region string
		answer http.HandlerFunc
		want   error
	}{
		{"with the authority's reason", "us-east", frames(func(w *FrameWriter, flush func(), _ *http.Request) {
			beat(w, flush)
			_ = w.End(&Error{Code: CodeNotAuthority, Message: "led until now"})
		}), store.ErrNotAuthority},
		{"broken off", "us-east", frames(func(w *FrameWriter, flush func(), _ *http.Request) { beat(w, flush) }), io.ErrUnexpectedEOF},
		{"silent after a while", "us-east", frames(func(w *FrameWriter, flush func(), r *http.Request) {
			beat(w, flush)
			<-r.Context().Done()
		}), ErrIdle},
		{"silent from the first", "us-east", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, ErrIdle},
		{"of another region", "ap-south", frames(func(w *FrameWriter, flush func(), _ *http.Request) { beat(w, flush) }), ErrWrongRegion},
		{"of the own gateway", "eu-west", frames(func(w *FrameWriter, flush func(), _ *http.Request) { beat(w, flush) }), ErrWrongRegion},
		{"refused", "us-east", says(409, `{"code":"stale-epoch","message":"epoch 4"}`), store.ErrStaleEpoch},
		{"not frames", "us-east", says(200, "<html>"), ErrFrame},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			paths := make(chan string, 1)
			base := serve(t, tt.region, func(w http.ResponseWriter, r *http.Request) {
				paths <- r.URL.RequestURI()
				tt.answer(w, r)
			})
			limit := time.Minute
			if tt.want == ErrIdle { //nolint:errorlint // the table's own value
				limit = 100 * time.Millisecond
			}
			u := NewUpstream(UpstreamConfig{Gateway: base, Region: "eu-west", IdleTimeout: limit})
			err := u.Stream(t.Context(), "us-east", "orders", 3, 9, func(store.Batch) error { return nil })
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "us-east") {
				t.Errorf("%v, want %v with the authority's name", err, tt.want)
			}
			path := <-paths
			if want := "/v1/peers/us-east/v1/store/orders/stream?after=9&leader=3"; path != want {
				t.Errorf("asked for %s, want %s", path, want)
			}
		})
	}
}

// piped answers a stream from a pipe, so that a test can run on synctest's clock.
// Like net/http's transport it fails the body when the request's context ends.
type piped struct{ body *io.PipeReader }

func (p piped) RoundTrip(r *http.Request) (*http.Response, error) {
	context.AfterFunc(r.Context(), func() { _ = p.body.CloseWithError(r.Context().Err()) })
	return &http.Response{
		StatusCode: 200, Body: p.body, Request: r,
		Header: http.Header{HeaderRegion: {"us-east"}, "Content-Type": {ContentFrames}},
	}, nil
}

func TestSilenceIsCountedOnlyWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const silence = time.Second
		body, sender := io.Pipe()
		u := NewUpstream(UpstreamConfig{Gateway: "http://gateway", Region: "eu-west", IdleTimeout: silence, HTTP: &http.Client{Transport: piped{body}}})
		go func() {
			w := NewFrameWriter(sender)
			for range 3 {
				time.Sleep(silence - time.Millisecond) // late, but not silent
				if w.Batch(store.Batch{Position: 1}) != nil {
					return // the test's own count says so
				}
			}
			// A large frame on a narrow link: longer than the limit in all, but it moves.
			var large bytes.Buffer
			_ = NewFrameWriter(&large).Batch(store.Batch{Entries: entries(1, 5000)})
			for large.Len() > 0 {
				time.Sleep(silence / 2)
				_, _ = sender.Write(large.Next(1000))
			}
			// And then nothing; the reader gives up and closes.
		}()
		n, last := 0, time.Now()
		err := u.Stream(t.Context(), "us-east", "orders", 1, 0, func(store.Batch) error {
			n++
			time.Sleep(10 * silence) // a slow disk on this side
			last = time.Now()
			return nil
		})
		if n != 4 || !errors.Is(err, ErrIdle) {
			t.Errorf("%d batches, %v; want 4, then ErrIdle", n, err)
		}
		if waited := time.Since(last); waited != silence {
			t.Errorf("gave up after %s of silence, want %s", waited, silence)
		}
	})
}

func TestUpstreamStreamOfTheCaller(t *testing.T) {
	base := serve(t, "us-east", frames(func(w *FrameWriter, flush func(), r *http.Request) {
		beat(w, flush)
		<-r.Context().Done()
	}))
	u := NewUpstream(UpstreamConfig{Gateway: base, Region: "eu-west"})
	ctx, cancel := context.WithCancel(t.Context())
	if err := u.Stream(ctx, "us-east", "orders", 1, 0, func(store.Batch) error { cancel(); return nil }); err != nil {
		t.Errorf("cancelled: %v, want nil", err)
	}
	if err := u.Stream(t.Context(), "us-east", "orders", 1, 0, func(store.Batch) error { return errAny }); err != errAny { //nolint:errorlint // it must be the very same
		t.Errorf("each failed: %v, want its own error", err)
	}
}

func TestUpstreamAsks(t *testing.T) {
	base := serve(t, "us-east", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.Method + " " + r.URL.RequestURI() + " " + string(body) {
		case "GET /v1/peers/us-east/v1/store/orders/epoch-end?epoch=2&leader=5 ":
			says(200, `{"epoch":2,"end":77}`)(w, r)
		case `POST /v1/peers/us-east/v1/store/orders/stored {"leader":5,"region":"eu-west","position":80}`:
			says(200, `{}`)(w, r)
		default:
			says(400, `{"code":"bad-request","message":"`+r.URL.RequestURI()+`"}`)(w, r)
		}
	})
	u := NewUpstream(UpstreamConfig{Gateway: base, Region: "eu-west"})
	end, err := u.EpochEnd(t.Context(), "us-east", "orders", 5, 2)
	if err != nil || end != (store.EpochEnd{Epoch: 2, End: 77}) {
		t.Errorf("%+v, %v", end, err)
	}
	if err := u.Stored(t.Context(), "us-east", "orders", 5, "eu-west", 80); err != nil {
		t.Error(err)
	}
	hangs := serve(t, "us-east", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	u = NewUpstream(UpstreamConfig{Gateway: hangs, Region: "eu-west", Ask: 30 * time.Millisecond})
	if _, err := u.EpochEnd(t.Context(), "us-east", "orders", 5, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
}

// What is asked over a long link has its round trips on top: the handshake and the request
// take longer there than a question may over a short one.
func TestUpstreamAsksOverALongLink(t *testing.T) {
	const rtt = 100 * time.Millisecond
	far := serve(t, "us-east", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(2 * rtt) // the link's doing
		says(200, `{"epoch":2,"end":77}`)(w, r)
	})
	u := NewUpstream(UpstreamConfig{Gateway: far, Region: "eu-west", Ask: rtt, RTT: func(string) time.Duration { return rtt }})
	if _, err := u.EpochEnd(t.Context(), "us-east", "orders", 5, 2); err != nil {
		t.Error(err)
	}
	u = NewUpstream(UpstreamConfig{Gateway: far, Region: "eu-west", Ask: rtt})
	if _, err := u.EpochEnd(t.Context(), "us-east", "orders", 5, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("over a short one: %v, want DeadlineExceeded", err)
	}
}

// What has come while a batch was stored is stored together, up to what is damaged.
func TestUpstreamTakesTogetherWhatHasCome(t *testing.T) {
	var sent bytes.Buffer
	w := NewFrameWriter(&sent)
	all := entries(4, 8)
	for _, b := range []store.Batch{{Entries: all[:2], Position: 9}, {Position: 9}, {Entries: all[2:3], Position: 12}, {Entries: all[3:], Position: 12}} {
		if err := w.Batch(b); err != nil {
			t.Fatal(err)
		}
	}
	sent.Bytes()[sent.Len()-1] ^= 1
	base := serve(t, "us-east", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentFrames)
		_, _ = w.Write(sent.Bytes())
	})
	var taken []string
	err := NewUpstream(UpstreamConfig{Gateway: base, Region: "eu-west"}).Stream(t.Context(), "us-east", "orders", 1, 0, func(b store.Batch) error {
		said := fmt.Sprintf("to %d:", b.Position)
		for _, e := range b.Entries {
			said += fmt.Sprint(" ", e.Index)
		}
		taken = append(taken, said)
		return nil
	})
	if want := []string{"to 12: 1 2 3"}; !slices.Equal(taken, want) || !errors.Is(err, ErrFrame) {
		t.Errorf("took %q, %v; want %q, then ErrFrame", taken, err, want)
	}
}
