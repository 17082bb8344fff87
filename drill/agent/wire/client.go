package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// ClientConfig says whom a Client talks to.
type ClientConfig struct {
	// Base is the base URL of the region's gateway, "http://127.0.0.1:4711".
	Base string
	// Find, if set, is asked for the base URL for every request instead, because a
	// restarted region may have moved.
	Find func(context.Context) (string, error)
	// Region is who must answer. "" takes any region's answer, which suits only a
	// caller that asks who is there.
	Region string
	// Via is the region whose gateway passes the requests on, if it is not Region
	// itself. Its refusals are believed; an answer of its own in place of Region's is not.
	Via string
	// Token is the fleet's secret; "" for /healthz and /livez alone.
	Token string
	// Away is the round trip to the region. A request that says how long its sender waits
	// leaves it out, since the way takes it.
	Away time.Duration
	// HTTP has the transport that sends the requests. Nil makes a client over NewTransport. Time limits are the contexts'.
	HTTP *http.Client
}

// Client asks one region. Its methods may be called from several goroutines.
//
// Errors: *Error when the region (or the one it goes through) refused, which
// unwraps to the sentinel of its code; ErrWrongRegion when another region
// answered; else what net/http says, with the context's error inside.
type Client struct {
	cfg ClientConfig
	// by sends the requests itself: of what an http.Client adds (redirects, cookies) the fleet knows nothing.
	by http.RoundTripper
}

// NewClient makes a client. It sends nothing yet.
func NewClient(cfg ClientConfig) *Client {
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Transport: NewTransport()}
	}
	by := cfg.HTTP.Transport
	if by == nil {
		by = http.DefaultTransport
	}
	return &Client{cfg: cfg, by: by}
}

// request is one call: what to send and where.
type request struct {
	method string
	path   string
	query  url.Values
	body   any
	raw    []byte // a body that is sent as it is, in place of body
	header http.Header
	// replay lets the transport send it once more when a kept connection turns out
	// to be dead. Only for what does no harm twice.
	replay bool
	// timed says how long the answer may take, as the context leaves it.
	timed bool
}

// call sends r and decodes the answer into out.
func (c *Client) call(ctx context.Context, r request, out any) error {
	res, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer discard(res.Body)
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
	}
	if len(answer) > maxAnswer {
		return fmt.Errorf("%s %s: answer is larger than %d bytes", r.method, r.path, maxAnswer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: answer of %d bytes is not what was asked for: %w", r.method, r.path, len(answer), err)
	}
	return nil
}

// send sends r and returns an answer that is 2xx and from the right region. The
// caller closes its body.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	res, err := c.by.RoundTrip(req)
	if err != nil {
		return nil, unanswered{c.cfg.Region, r.method, r.path, err}
	}
	if err := c.check(res); err != nil {
		discard(res.Body)
		if errors.Is(err, ErrWrongRegion) {
			// A node that has just started has no rules for its Services: what was dialled then led elsewhere, and would for as
			// long as it was kept.
			if keeps, does := c.by.(interface{ CloseIdleConnections() }); does {
				keeps.CloseIdleConnections()
			}
		}
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return res, nil
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	base := c.cfg.Base
	if c.cfg.Find != nil {
		found, err := c.cfg.Find(ctx)
		if err != nil {
			return nil, fmt.Errorf("address of region %s: %w", c.cfg.Region, err)
		}
		base = found
	}
	target := base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	switch {
	case r.raw != nil:
		body = bytes.NewReader(r.raw)
	case r.body != nil:
		encoded, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cfg.Token != "" {
		req.Header.Set(HeaderToken, c.cfg.Token)
	}
	if c.cfg.Region != "" {
		req.Header.Set(HeaderRegion, c.cfg.Region)
	}
	if r.timed {
		setTimeout(ctx, req.Header, c.cfg.Away)
	}
	if r.replay {
		// net/http replays a request with this header; an empty one is not sent (http.Transport).
		req.Header["Idempotency-Key"] = []string{}
	}
	return req, nil
}

// check returns the error of an answer that is not to be taken.
func (c *Client) check(res *http.Response) error {
	from := clean.Text(res.Header.Get(HeaderRegion))
	ok := res.StatusCode/100 == 2
	passedOn := c.cfg.Via != "" && from == c.cfg.Via && !ok
	switch {
	case from == "":
		return fmt.Errorf("what answered (status %d) says no region, so it is none of this fleet: %w", res.StatusCode, ErrWrongRegion)
	case c.cfg.Region != "" && from != c.cfg.Region && !passedOn:
		return fmt.Errorf("region %s answered instead of %s: %w", from, c.cfg.Region, ErrWrongRegion)
	case ok:
		return nil
	}
	return refusal(res, from)
}

// refusal reads the Error out of an answer that is not 2xx.
func refusal(res *http.Response, from string) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	e := new(Error)
	if err != nil || json.Unmarshal(body, e) != nil || e.Code == "" {
		e = &Error{Code: CodeInternal, Message: fmt.Sprintf("answered %s", res.Status), Region: from}
	}
	e.Message, e.Region, e.Status = clean.Text(e.Message), clean.Text(e.Region), res.StatusCode
	return e
}

// discard reads the rest of a short body, so that its connection is kept, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // a longer rest costs the connection, no more
	_ = body.Close()
}
