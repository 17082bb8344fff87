package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// ContentLines is the content type of an audit.
const ContentLines = "application/jsonl"

// Audit calls visit for each entry of the region's replica with an index above
// after, in order. An audit that breaks off, or whose count differs from what
// was sent, is an error and never a short audit. visit's error ends it and is
// returned as it is.
func (c *Client) Audit(ctx context.Context, dataset string, after uint64, visit func(store.Entry) error) error {
	return c.entries(ctx, "audit of "+dataset, request{
		method: http.MethodGet, path: verb(dataset, StoreAudit),
		query: url.Values{"after": {strconv.FormatUint(after, 10)}},
	}, visit)
}

// Diverged calls visit for each entry that the region's replica cut from its own
// history last, as it exported them. Its errors are those of Audit.
func (c *Client) Diverged(ctx context.Context, dataset string, visit func(store.Entry) error) error {
	return c.entries(ctx, "diverged writes of "+dataset, request{method: http.MethodGet, path: verb(dataset, StoreDiverged)}, visit)
}

func (c *Client) entries(ctx context.Context, what string, r request, visit func(store.Entry) error) error {
	res, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	n, broken, err := readAudit(res.Body, visit)
	if err != nil && broken {
		return fmt.Errorf("%s in region %s broke off after %d entries: %w", what, c.cfg.Region, n, err)
	}
	return err
}

// auditLine is any line of an audit: an entry, the end, or the error that ended it early.
type auditLine struct {
	store.Entry
	End     bool   `json:"end"`
	Entries uint64 `json:"entries"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Region  string `json:"region"`
}

// readAudit reads an audit to its end. broken is false when the error is visit's own.
func readAudit(r io.Reader, visit func(store.Entry) error) (n uint64, broken bool, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		var line auditLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return n, true, fmt.Errorf("line %d: %w", n+1, err)
		}
		switch {
		case line.End && line.Entries != n:
			return n, true, fmt.Errorf("its end says %d entries", line.Entries)
		case line.End:
			return n, false, nil
		case line.Code != "":
			return n, true, &Error{Code: line.Code, Message: line.Message, Region: line.Region}
		case line.Index == 0:
			return n, true, fmt.Errorf("line %d is no entry", n+1)
		}
		if err := visit(line.Entry); err != nil {
			return n, false, err
		}
		n++
	}
	if err := lines.Err(); err != nil {
		return n, true, err
	}
	return n, true, io.ErrUnexpectedEOF
}
