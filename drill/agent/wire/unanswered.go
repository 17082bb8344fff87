package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
)

// unanswered is a request that no answer came to. Its words name the region and the cause;
// net/http's own name an address that nobody chose.
type unanswered struct {
	region, method, path string
	cause                error
}

// Error implements error.
func (e unanswered) Error() string {
	region := e.region
	if region == "" {
		region = "a region"
	}
	return fmt.Sprintf("%s did not answer %s %s: %s", region, e.method, e.path, plain(e.cause))
}

// Unwrap is the cause as net/http gave it.
func (e unanswered) Unwrap() error { return e.cause }

// plain is a cause without what says how it came about.
func plain(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "timeout"
	}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err.Error()
}
