package log

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// pair is an authority in the east that the west follows, in epoch 1.
func pair(t *testing.T) (f *fleet, east, west *Replica) {
	f = newFleet(t, nil, "east", "west")
	east, west = f.at("east"), f.at("west")
	lead(t, east, 1)
	must(t, west.Follow(t.Context(), "east", 1))
	return f, east, west
}

// What was copied is counted in bytes of payload, each once.
func TestCopiedBytes(t *testing.T) {
	_, east, west := pair(t)
	write(t, east, "a", "b")
	untilEqual(t, west, east)
	if got, want := status(t, west).Copied, int64(len(payloadOf("a"))+len(payloadOf("b"))); got != want {
		t.Errorf("copied %d bytes, want %d", got, want)
	}
}

func TestAuthorityRestarts(t *testing.T) {
	f, east, west := pair(t)
	write(t, east, "a")
	untilEqual(t, west, east)
	east = f.restart("east")
	until(t, "the authority knows again what west has", func() bool { return status(t, east).Followers["west"] == 1 })
	lead(t, east, 1)
	write(t, east, "b")
	untilEqual(t, west, east)
}

func TestLostStreams(t *testing.T) {
	for _, how := range []string{"silent", "reset"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			f, east, west := pair(t)
			write(t, east, "a")
			untilEqual(t, west, east)
			f.set("west", "east", how)
			write(t, east, "b")
			until(t, "west says that it lost the stream", func() bool { return status(t, west).Error != "" })
			if s := status(t, west); s.Position != 1 || s.Role != role.Follower || s.AuthorityPosition == nil || *s.AuthorityPosition != 1 {
				t.Errorf("cut off it says %+v", s)
			}
			heard := status(t, west).Heard
			until(t, "the last contact grows old", func() bool { return status(t, west).Heard > heard })
			f.set("west", "east", "")
			untilEqual(t, west, east)
			until(t, "the error is over", func() bool { return status(t, west).Error == "" })
		})
	}
}

// patient is a replica that gives nothing up by itself.
func patient(c *Config) { c.Request = time.Hour }

// Whatever it is waiting for, it stops at once.
func TestStopsFollowing(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name string
		stop func(r *Replica) error
		role role.Role
	}{
		{"fence", func(r *Replica) error { return r.Fence(ctx, 2) }, role.Fenced},
		{"promote", func(r *Replica) error { return r.Promote(ctx, 2) }, role.Fenced},
		{"follow another", func(r *Replica) error { return r.Follow(ctx, "south", 2) }, role.Follower},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// No limit of its own may be what ends it: Close waits for all that is under way.
			f := newFleet(t, patient, "east", "west")
			f.silence = time.Hour
			east, west := f.at("east"), f.at("west")
			lead(t, east, 1)
			must(t, west.Follow(ctx, "east", 1))
			write(t, east, "a")
			untilEqual(t, west, east)
			f.set("west", "east", "silent")
			f.set("west", "south", "silent")
			write(t, east, "b")
			west.mu.Lock()
			old := west.following
			west.mu.Unlock()
			must(t, tt.stop(west))
			<-old.term.Context().Done()
			// What comes late, or waited for its turn to write, finds that it is over.
			late := store.Batch{Position: 2, Entries: []store.Entry{{Index: 2, Epoch: 1, ID: "b", Payload: payloadOf("b")}}}
			want(t, "a batch that comes late", old.take(late), replica.ErrLeft)
			want(t, "a batch that waited", old.storeBatch(late), replica.ErrLeft)
			want(t, "a cut that waited", old.removeTail(0, 1, &store.Cut{Entries: 1, From: 1}), replica.ErrLeft)
			if s := status(t, west); s.Position != 1 || s.Role != tt.role {
				t.Errorf("stopped it says %+v", s)
			}
		})
	}
	t.Run("a fence below its epoch", func(t *testing.T) {
		_, east, west := pair(t)
		must(t, west.Fence(ctx, 1))
		write(t, east, "a")
		untilEqual(t, west, east)
	})
}

func TestStream(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := newFleet(t, func(c *Config) { c.BatchBytes = 40 }, "east")
	r := f.at("east")
	none := func(store.Batch) error { return nil }
	want(t, "stream of one that leads nothing", r.Stream(ctx, 1, 0, none), store.ErrNotAuthority)
	_, err := r.EpochEnd(ctx, 1, 1)
	want(t, "epoch end of one that leads nothing", err, store.ErrNotAuthority)
	lead(t, r, 2)
	write(t, r, "a", "b", "c", "d", "e")
	want(t, "stream of an older epoch", r.Stream(ctx, 1, 0, none), store.ErrStaleEpoch)
	want(t, "stream of a later epoch", r.Stream(ctx, 3, 0, none), store.ErrNotAuthority)
	want(t, "report in an older epoch", r.Stored(ctx, 1, "west", 1), store.ErrStaleEpoch)
	if err := r.Stored(ctx, 2, "west", 6); err == nil {
		t.Error("a report of more than the authority has was taken")
	}
	if err := r.Stream(ctx, 2, 6, none); err == nil || !strings.Contains(err.Error(), "entry 7") {
		t.Errorf("stream from behind the end: %v", err)
	}
	broken := errors.New("broken pipe")
	want(t, "stream to one who is gone", r.Stream(ctx, 2, 0, func(store.Batch) error { return broken }), broken)

	var got []store.Entry
	beats := 0
	written := make(chan error, 1)
	must(t, r.Stream(ctx, 2, 1, func(b store.Batch) error {
		n := 0
		for _, e := range b.Entries {
			n += size(e)
		}
		if n > 40 || b.Position != 5 && b.Position != 6 {
			t.Errorf("a batch of %d bytes, position %d", n, b.Position)
		}
		got = append(got, b.Entries...)
		if len(b.Entries) == 0 {
			if beats++; beats == 3 {
				go func() { written <- tryWrite(r, "f") }()
			}
		}
		if len(got) == 5 {
			cancel()
		}
		return nil
	}))
	must(t, <-written)
	if ids(got) != "b,c,d,e,f" || beats < 3 {
		t.Errorf("streamed %s with %d heartbeats", ids(got), beats)
	}

	// It ends by itself when the authority is no longer.
	for _, lose := range []struct {
		name string
		do   func() error
	}{
		{"promoted anew", func() error { return r.Promote(context.Background(), 4) }},
		{"follows", func() error { return r.Follow(context.Background(), "west", 5) }},
	} {
		r = f.restart("east")
		led := r.leadership.Led()
		ended := make(chan error, 1)
		first := make(chan struct{}, 100)
		go func() {
			ended <- r.Stream(context.Background(), led, 6, func(store.Batch) error {
				first <- struct{}{}
				return nil
			})
		}()
		<-first
		must(t, lose.do())
		if err := <-ended; !errors.Is(err, store.ErrStaleEpoch) && !errors.Is(err, store.ErrNotAuthority) {
			t.Errorf("%s: the stream ended with %v", lose.name, err)
		}
	}
	must(t, r.Close())
	want(t, "stream when closed", r.Stream(context.Background(), 5, 0, none), store.ErrClosed)
}

// liar is an authority that says what it is told to.
type liar struct {
	end     store.EpochEnd
	batches []store.Batch
}

func (l liar) EpochEnd(context.Context, string, string, uint64, uint64) (store.EpochEnd, error) {
	return l.end, nil
}

func (l liar) Stream(ctx context.Context, _, _ string, _, _ uint64, each func(store.Batch) error) error {
	for _, b := range l.batches {
		if err := each(b); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (l liar) Stored(context.Context, string, string, uint64, string, uint64) error { return nil }

// A batch that does not fit is refused whole, and said to be.
func TestBadBatches(t *testing.T) {
	at := func(index, epoch uint64, id string) store.Entry {
		return store.Entry{Index: index, Epoch: epoch, ID: id, Payload: payloadOf(id)}
	}
	tests := []struct {
		name    string
		entries []store.Entry
		says    string
	}{
		{"a gap at the start", []store.Entry{at(4, 2, "x")}, "entry 4 came where 3 is next"},
		{"a gap within", []store.Entry{at(3, 2, "x"), at(5, 2, "y")}, "entry 5 came where 4 is next"},
		{"one that is there", []store.Entry{at(2, 2, "x")}, "entry 2 came where 3 is next"},
		{"beyond the authority's position", []store.Entry{at(3, 2, "x"), at(4, 2, "y"), at(5, 2, "z"), at(6, 2, "w")}, "from an authority that has 5"},
		{"an epoch that goes back", []store.Entry{at(3, 3, "x"), at(4, 2, "y")}, "after one of epoch 3"},
		{"an epoch older than the log's", []store.Entry{at(3, 1, "x")}, "after one of epoch 2"},
		{"an epoch above the authority's", []store.Entry{at(3, 4, "x")}, "in a stream of epoch 3"},
		{"no epoch", []store.Entry{at(3, 0, "x")}, "of epoch 0"},
		{"no id", []store.Entry{{Index: 3, Epoch: 2}}, "no id"},
		{"an id of the log", []store.Entry{at(3, 2, "x"), at(4, 2, "a")}, `id "a"`},
		{"an id twice", []store.Entry{at(3, 2, "x"), at(4, 2, "x")}, `id "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := liar{end: store.EpochEnd{Epoch: 2, End: 5}, batches: []store.Batch{{Entries: tt.entries, Position: 5}}}
			f := newFleet(t, func(c *Config) { c.Upstream = l }, "west")
			west := f.at("west")
			fill(t, west, "1:a 2:b")
			must(t, west.Follow(t.Context(), "east", 3))
			until(t, "it says what is wrong", func() bool { return strings.Contains(status(t, west).Error, tt.says) })
			if got := ids(entriesOf(t, west)); got != "a,b" {
				t.Errorf("it stored some: %s", got)
			}
			sound(t, west)
		})
	}
	t.Run("an end above what was asked", func(t *testing.T) {
		f := newFleet(t, func(c *Config) { c.Upstream = liar{end: store.EpochEnd{Epoch: 9, End: 1}} }, "west")
		west := f.at("west")
		fill(t, west, "1:a 2:b")
		must(t, west.Follow(t.Context(), "east", 3))
		until(t, "it says what is wrong", func() bool { return strings.Contains(status(t, west).Error, "answered with epoch 9") })
		if got := ids(entriesOf(t, west)); got != "a,b" {
			t.Errorf("it cut: %s", got)
		}
	})
}

// A follower that is far behind takes big batches: one commit for many entries.
func TestCatchUp(t *testing.T) {
	const entries = 15000
	f := newFleet(t, nil, "east", "west")
	east, west := f.at("east"), f.at("west")
	must(t, east.contents.apply(t.Context(), step{
		write: func(c *change) error {
			for i := range uint64(entries) {
				if err := c.append(store.Entry{Index: i + 1, Epoch: 1, ID: fmt.Sprintf("run-%d", i), Payload: make([]byte, 256)}); err != nil {
					return err
				}
			}
			return nil
		},
	}))
	lead(t, east, 2)
	before := commits(west)
	began := time.Now()
	must(t, west.Follow(t.Context(), "east", 2))
	until(t, "west has everything", func() bool { return status(t, west).Position == entries })
	n := commits(west) - before
	t.Logf("%d entries of 256 bytes in %s, %d commits", entries, time.Since(began), n)
	if n > 20 {
		t.Errorf("%d commits", n)
	}
	untilEqual(t, west, east)
}
