package answer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// bodyTimeout is how long a request's body may take. The whole request has no
// limit, because streams have none.
const bodyTimeout = 10 * time.Second

// JSON writes v, with the region's name.
func JSON(w http.ResponseWriter, region string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		Error(w, region, fmt.Errorf("encode the answer: %w", err))
		return
	}
	writeBody(w, region, http.StatusOK, body)
}

// Error writes err as a wire.Error, with the region's name.
func Error(w http.ResponseWriter, region string, err error) {
	e := wire.AsError(region, err)
	body, err := json.Marshal(e)
	if err != nil {
		body = []byte(`{"code":"internal"}`)
	}
	if e.Code == wire.CodeShed {
		w.Header().Set("Retry-After", "1")
	}
	writeBody(w, region, e.HTTPStatus(), body)
}

func writeBody(w http.ResponseWriter, region string, status int, body []byte) {
	h := w.Header()
	h.Set(wire.HeaderRegion, region)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client has gone
}

// Result writes v, or err where there is one.
func Result(w http.ResponseWriter, region string, v any, err error) {
	if err != nil {
		Error(w, region, err)
		return
	}
	JSON(w, region, v)
}

// Decode reads a request's JSON body of at most wire.MaxBody bytes into v.
func Decode(w http.ResponseWriter, r *http.Request, v any) error {
	rc := http.NewResponseController(w)
	// A recorder in a test has no deadlines; a connection always has.
	if err := rc.SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("limit the time of the body: %w", err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxBody))
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if err := rc.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("lift the time limit of the body: %w", err)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("body of %d bytes is not what %s %s takes (%v): %w", len(body), r.Method, r.URL.Path, err, wire.ErrBad)
	}
	return nil
}

// Uint is a number among the query's values; it must be there.
func Uint(r *http.Request, name string) (uint64, error) {
	n, err := strconv.ParseUint(r.URL.Query().Get(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s?%s=%.30q is not a number: %w", r.URL.Path, name, r.URL.Query().Get(name), wire.ErrBad)
	}
	return n, nil
}
