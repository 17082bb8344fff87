package snapshot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Shipper copies an authority's contents to a file, again and again. Every field is required.
type Shipper struct {
	Upstream           store.Upstream
	Authority, Dataset string
	Epoch              uint64 // that the authority leads
	Dir                string
	Clock              func() time.Duration
	Every              func() time.Duration // from the beginning of one to that of the next
	Ask                time.Duration        // how often the authority is asked between two how far it is

	Current func() error               // an error once that authority is followed no longer
	Check   func(store.Entry) error    // refuses what can't be stored
	Heard   func(position uint64)      // how far the authority is
	Copied  func(bytes int64)          // payload that came
	Keep    func(*Writer, Begun) error // has a snapshot that is whole take its place

	once   sync.Once
	wanted chan chan<- error

	mu        sync.Mutex
	count     int
	shippedAt time.Duration // when the last one was begun
}

// Begun is when a snapshot was begun: its contents are those of that moment.
type Begun struct {
	At   time.Duration // on the own clock
	Time time.Time
}

// Count is how many were shipped.
func (s *Shipper) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

func (s *Shipper) wants() chan chan<- error {
	s.once.Do(func() { s.wanted = make(chan chan<- error) })
	return s.wanted
}

// Want waits for a snapshot that is begun from here on.
func (s *Shipper) Want(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case s.wants() <- answer:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run ships a snapshot whenever one is due or wanted, until ctx ends or that fails. heard says
// whether one came.
func (s *Shipper) Run(ctx context.Context) (heard bool, err error) {
	for {
		answer, err := s.await(ctx)
		if err != nil {
			return heard, err
		}
		err = s.ship(ctx)
		if answer != nil {
			answer <- err
		}
		if err != nil {
			return heard, err
		}
		heard = true
	}
}

// await waits until a snapshot is due, and says who wants it; nil where it is time.
func (s *Shipper) await(ctx context.Context) (chan<- error, error) {
	for {
		s.mu.Lock()
		left, first := s.shippedAt+s.Every()-s.Clock(), s.count == 0
		s.mu.Unlock()
		if first || left <= 0 {
			return nil, nil
		}
		select {
		case answer := <-s.wants():
			return answer, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(left, s.Ask)):
			end, err := s.Upstream.EpochEnd(ctx, s.Authority, s.Dataset, s.Epoch, s.Epoch)
			if err != nil {
				return nil, fmt.Errorf("ask %s how far %s is: %w", s.Authority, s.Dataset, err)
			}
			s.Heard(end.End)
		}
	}
}

// errWhole ends a stream of which a snapshot has all.
var errWhole = errors.New("the snapshot is whole")

// ship copies everything that the authority holds at one moment: its log up to the position
// that its first answer names, which nothing changes any more.
func (s *Shipper) ship(ctx context.Context) error {
	w, err := Create(s.Dir)
	if err != nil {
		return err
	}
	p := parcel{s: s, out: w}
	err = s.Upstream.Stream(ctx, s.Authority, s.Dataset, s.Epoch, 0, p.take)
	if !errors.Is(err, errWhole) {
		if err == nil {
			err = errors.New("it ended the stream")
		}
		return errors.Join(fmt.Errorf("snapshot of %s from %s: %w", s.Dataset, s.Authority, err), w.Drop())
	}
	if err := s.Keep(w, p.begun); err != nil {
		return fmt.Errorf("keep a snapshot of %s: %w", s.Dataset, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count, s.shippedAt = s.count+1, p.begun.At
	return nil
}

// parcel is a snapshot on its way.
type parcel struct {
	s     *Shipper
	out   *Writer
	begun Begun
	upTo  uint64
	last  uint64
}

func (p *parcel) take(b store.Batch) error {
	if err := p.s.Current(); err != nil {
		return err
	}
	p.s.Heard(b.Position)
	if p.begun.Time.IsZero() {
		p.begun, p.upTo = Begun{At: p.s.Clock(), Time: time.Now()}, b.Position
	}
	var bytes int64
	for _, e := range b.Entries {
		if e.Index > p.upTo {
			break
		}
		if e.Epoch > p.s.Epoch {
			return fmt.Errorf("entry %d is of epoch %d, in a stream of epoch %d", e.Index, e.Epoch, p.s.Epoch)
		}
		if err := p.s.Check(e); err != nil {
			return fmt.Errorf("entry %d: %w", e.Index, err)
		}
		if err := p.out.Put(e); err != nil {
			return err
		}
		p.last = e.Index
		bytes += int64(len(e.Payload))
	}
	p.s.Copied(bytes)
	if p.last >= p.upTo {
		return errWhole
	}
	return nil
}
