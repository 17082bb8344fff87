// Package webhook tells a web address of a drill while it runs: that it started, of each fault, each recovery, and the verdict, one
// POST each, as JSON (Message).
//
// It holds nobody up: what is to be sent waits in a short queue, and what could not be sent is said once, after the drill. A
// secret goes into one header and nowhere else; an error names the host and never the address, which may be a secret itself.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/fleetdrill/fleetdrill/drill"
)

const (
	// waiting is how many messages wait. A drill has a start, a verdict, and two for each fault.
	waiting = 64
	// tries is how often a message is sent at most: with the pauses between, for about a quarter of a minute.
	tries = 6
	// firstPause and longestPause bound the pause before a message is sent again. It doubles each time; what the other side asks
	// for by Retry-After is within these, too.
	firstPause, longestPause = 250 * time.Millisecond, 8 * time.Second
	// answerLimit is how long one try may take.
	answerLimit = 5 * time.Second
	// Grace is how long the end of a drill waits for the rest to be sent.
	Grace = 5 * time.Second
)

var errRedirected = errors.New("it redirects elsewhere, which is not followed")

// Target is an address that messages may be sent to.
type Target struct {
	address *url.URL
	token   string
	version string
	client  *retryablehttp.Client
	grace   time.Duration
}

// NewTarget checks an address and the secret for it ("" is none); version is of the program. No error repeats either of them.
func NewTarget(address, token, version string) (*Target, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("that is no web address: it begins with https:// (or http://) and a host")
	case u.User != nil:
		return nil, errors.New("a name or password in the address is seen by whoever lists processes; give the secret by $FLEETDRILL_WEBHOOK_TOKEN")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("the secret has a space, a line end or what is not ASCII in it; a header can't carry that")
	case token != "" && u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("the secret would be sent over http for all to read; use https")
	}
	t := &Target{address: u, token: token, version: version, grace: Grace}
	t.client = &retryablehttp.Client{
		HTTPClient:   &http.Client{Timeout: answerLimit, CheckRedirect: t.redirect},
		RetryWaitMin: firstPause, RetryWaitMax: longestPause, RetryMax: tries - 1,
		CheckRetry: again, Backoff: pause, ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return t, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// redirect follows to the same host alone, and only while it stays a POST: a GET would look delivered.
func (t *Target) redirect(next *http.Request, before []*http.Request) error {
	same := next.URL.Host == t.address.Host && next.URL.Scheme == t.address.Scheme
	if !same || next.Method != http.MethodPost || len(before) > 3 {
		return errRedirected
	}
	return nil
}

// again reports whether a try that failed is made again: where nobody answered, or the other side is busy or broken.
func again(ctx context.Context, r *http.Response, err error) (bool, error) {
	if errors.Is(err, errRedirected) {
		return false, err
	}
	return retryablehttp.DefaultRetryPolicy(ctx, r, err)
}

func pause(least, most time.Duration, n int, r *http.Response) time.Duration {
	return min(most, retryablehttp.DefaultBackoff(least, most, n, r))
}

// Host is where messages go, for people.
func (t *Target) Host() string { return t.address.Host }

// send sends one message, again and again where that may help.
func (t *Target) send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, t.address.String(), bytes.NewReader(body))
	if err != nil {
		return bare(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "fleetdrill/"+t.version)
	if t.token != "" {
		r.Header.Set("Authorization", "Bearer "+t.token)
	}
	answer, err := t.client.Do(r)
	if answer != nil {
		_, _ = io.CopyN(io.Discard, answer.Body, 4<<10)
		defer answer.Body.Close()
	}
	switch {
	case errors.Is(err, errRedirected):
		return errRedirected
	case answer != nil && answer.StatusCode >= 300:
		return fmt.Errorf("it answered %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	case err != nil:
		return bare(err)
	}
	return nil
}

// bare is an error without the address that it happened at.
func bare(err error) error {
	if at, is := errors.AsType[*url.Error](err); is {
		err = at.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errors.New("it did not answer in time")
	}
	return err
}

// Sender tells a target of one drill.
type Sender struct {
	to    *Target
	queue chan Message
	sent  chan struct{} // closed once nothing is sent any more
	over  chan struct{} // closed once all was told

	asked, failed int   // of the goroutine that makes messages
	undelivered   int   // of the one that sends
	why           error // the last reason, of that one: of what the queue has no room for, that it is full
}

// Start tells of every event of the channel, until it is closed. lost is called once, at the end, where a message was not delivered.
func (t *Target) Start(events <-chan []drill.Event, lost func(error)) *Sender {
	s := &Sender{to: t, queue: make(chan Message, waiting), sent: make(chan struct{}), over: make(chan struct{}), why: errors.New("it took too long")}
	ctx, cancel := context.WithCancel(context.Background())
	go s.send(ctx)
	go func() {
		defer close(s.over)
		defer cancel()
		s.follow(events)
		close(s.queue)
		late := time.AfterFunc(t.grace, cancel)
		<-s.sent
		late.Stop()
		if n := s.failed + s.undelivered; n > 0 {
			lost(fmt.Errorf("%d of %d messages were not delivered to %s: %w", n, s.asked, t.Host(), s.why))
		}
	}()
	return s
}

// follow makes messages of events.
func (s *Sender) follow(events <-chan []drill.Event) {
	state := drill.NewState()
	for batch := range events {
		for _, e := range batch {
			state.Apply(e)
			m, tells := Of(state, e)
			if !tells {
				continue
			}
			s.asked++
			select {
			case s.queue <- m:
			default:
				s.failed++ // those before it can't be sent, which says why
			}
		}
	}
}

func (s *Sender) send(ctx context.Context) {
	defer close(s.sent)
	for m := range s.queue {
		if err := s.to.send(ctx, m); err != nil {
			s.undelivered, s.why = s.undelivered+1, err
		}
	}
}

// Wait returns once the channel was closed and the rest was sent, or Grace later. Then lost was called, if it is to be.
func (s *Sender) Wait() { <-s.over }
