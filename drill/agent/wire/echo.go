package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// What a link carries in a second is measured by an echo: both its ends.

// MaxEcho bounds what one PathEcho carries each way, in bytes: a quarter of a second at 128 Mbps.
const MaxEcho = 4 << 20

// echoTimeout bounds an echo, all of it: its bytes are chosen so that they take a quarter of a
// second over the link that is measured.
const echoTimeout = 30 * time.Second

// Echo sends a region so many bytes, and returns once as many as it asks for have come back: it
// measures the path, and changes nothing.
func Echo(ctx context.Context, c *Client, send, take int) error {
	res, err := c.send(ctx, request{
		method: http.MethodPost, path: PathEcho, query: url.Values{"bytes": {strconv.Itoa(take)}}, raw: make([]byte, send),
	})
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	switch n, err := io.Copy(io.Discard, res.Body); {
	case err != nil:
		return fmt.Errorf("echo of %d bytes broke off after %d: %w", take, n, err)
	case n != int64(take):
		return fmt.Errorf("echo of %d bytes has %d", take, n)
	}
	return nil
}

// AnswerEcho takes a body in and answers as many bytes as are asked for. An error means that
// nothing was answered yet.
func AnswerEcho(w http.ResponseWriter, r *http.Request, region string) error {
	n, err := strconv.ParseUint(r.URL.Query().Get("bytes"), 10, 64)
	if err != nil || n > MaxEcho {
		return fmt.Errorf("%s?bytes=%.30q is not a number up to %d: %w", r.URL.Path, r.URL.Query().Get("bytes"), MaxEcho, ErrBad)
	}
	rc := http.NewResponseController(w)
	limit := time.Now().Add(echoTimeout)
	if err := errors.Join(rc.SetReadDeadline(limit), rc.SetWriteDeadline(limit)); err != nil {
		return fmt.Errorf("limit the time of an echo: %w", err)
	}
	// The connection is kept for the next one.
	defer func() { _ = errors.Join(rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})) }()
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, MaxEcho)); err != nil {
		return fmt.Errorf("read the echo's body (%v): %w", err, ErrBad)
	}
	h := w.Header()
	h.Set(HeaderRegion, region)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatUint(n, 10))
	w.WriteHeader(http.StatusOK)
	piece := make([]byte, min(n, 32<<10))
	for left := n; left > 0; {
		wrote, err := w.Write(piece[:min(left, uint64(len(piece)))])
		if err != nil {
			return nil // who asked has gone, or the time is over
		}
		left -= uint64(wrote)
	}
	return nil
}
