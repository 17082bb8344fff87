package agent

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// echoTimeout bounds an echo, all of it: its bytes are chosen so that they take a quarter of a
// second over the link that is measured.
const echoTimeout = 30 * time.Second

// serveEcho takes a body in and answers as many bytes as are asked for, so that what a link
// carries in a second can be measured each way.
func (g *gateway) serveEcho(w http.ResponseWriter, r *http.Request) {
	n, err := uintQuery(r, "bytes")
	if err == nil && n > wire.MaxEcho {
		err = fmt.Errorf("%s of %d bytes, %d are the most: %w", r.URL.Path, n, wire.MaxEcho, wire.ErrBad)
	}
	if err != nil {
		writeError(w, g.region, err)
		return
	}
	rc := http.NewResponseController(w)
	limit := time.Now().Add(echoTimeout)
	if err := errors.Join(rc.SetReadDeadline(limit), rc.SetWriteDeadline(limit)); err != nil {
		writeError(w, g.region, fmt.Errorf("limit the time of an echo: %w", err))
		return
	}
	// The connection is kept for the next one.
	defer func() { _ = errors.Join(rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})) }()
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, wire.MaxEcho)); err != nil {
		writeError(w, g.region, fmt.Errorf("read the echo's body (%v): %w", err, wire.ErrBad))
		return
	}
	h := w.Header()
	h.Set(wire.HeaderRegion, g.region)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatUint(n, 10))
	w.WriteHeader(http.StatusOK)
	piece := make([]byte, min(n, 32<<10))
	for left := n; left > 0; {
		wrote, err := w.Write(piece[:min(left, uint64(len(piece)))])
		if err != nil {
			return // who asked has gone, or the time is over
		}
		left -= uint64(wrote)
	}
}
