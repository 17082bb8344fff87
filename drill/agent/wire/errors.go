package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// What a caller decides on, beside the errors of package store.
var (
	// ErrNoAuthority: the region knows of no authority for the dataset now.
	ErrNoAuthority = errors.New("no authority")
	// ErrUpstream: a region or tier behind the one that was asked did not answer.
	ErrUpstream = errors.New("upstream did not answer")
	// ErrShed: the web tier is over its capacity.
	ErrShed = errors.New("over capacity")
	// ErrNoWeb: the region's gateway has no web replica to serve the request.
	ErrNoWeb = errors.New("no web replica")
	// ErrUnauthorized: the fleet's token is missing or wrong.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrNotFound: no such path, or no such dataset in this region.
	ErrNotFound = errors.New("not found")
	// ErrBad: the request makes no sense.
	ErrBad = errors.New("bad request")
	// ErrUntrusted: two regions have no certificates that both take.
	ErrUntrusted = errors.New("no mutual trust")
	// ErrInternal: the agent failed; its log says more.
	ErrInternal = errors.New("internal error")
	// ErrWrongRegion: the answer (or the request) was another region's.
	ErrWrongRegion = errors.New("wrong region")
)

// meanings pairs each code with its sentinel error and its HTTP status.
var meanings = []struct {
	code     Code
	sentinel error
	status   int
}{
	{CodeFenced, store.ErrFenced, http.StatusServiceUnavailable},
	{CodeNotAuthority, store.ErrNotAuthority, http.StatusConflict},
	{CodeStaleEpoch, store.ErrStaleEpoch, http.StatusConflict},
	{CodeStaleClock, store.ErrStaleClock, http.StatusConflict},
	{CodeMode, store.ErrMode, http.StatusUnprocessableEntity},
	{CodeNoAuthority, ErrNoAuthority, http.StatusServiceUnavailable},
	{CodeUpstream, ErrUpstream, http.StatusBadGateway},
	{CodeShed, ErrShed, http.StatusServiceUnavailable},
	{CodeNoWeb, ErrNoWeb, http.StatusServiceUnavailable},
	{CodeUnauthorized, ErrUnauthorized, http.StatusUnauthorized},
	{CodeForbidden, ErrForbidden, http.StatusForbidden},
	{CodeReadOnly, ErrReadOnly, http.StatusServiceUnavailable},
	{CodeVersion, ErrVersion, http.StatusInternalServerError},
	{CodeUnconfigured, ErrUnconfigured, http.StatusServiceUnavailable},
	{CodeCredentials, ErrCredentials, http.StatusUnauthorized},
	{CodePolicy, ErrPolicy, http.StatusBadGateway},
	{CodeNotFound, ErrNotFound, http.StatusNotFound},
	{CodeBad, ErrBad, http.StatusBadRequest},
	{CodePinned, store.ErrPinned, http.StatusUnavailableForLegalReasons},
	{CodeSeeding, store.ErrSeeding, http.StatusConflict},
	{CodeBadWrite, store.ErrBadWrite, http.StatusBadRequest},
	{CodeWrongRegion, ErrWrongRegion, http.StatusMisdirectedRequest},
	{CodeUntrusted, ErrUntrusted, http.StatusBadGateway},
	{CodeInternal, ErrInternal, http.StatusInternalServerError},
}

// Error says which region refused, why, and the code.
func (e *Error) Error() string {
	if e.Region == "" {
		return fmt.Sprintf("%s (%s)", e.Message, e.Code)
	}
	return fmt.Sprintf("region %s: %s (%s)", e.Region, e.Message, e.Code)
}

// Unwrap is the sentinel of the code; ErrInternal for a code that this version does not know.
func (e *Error) Unwrap() error {
	for _, m := range meanings {
		if m.code == e.Code {
			return m.sentinel
		}
	}
	return ErrInternal
}

// HTTPStatus is the status the error is answered with: that of its code unless Status says otherwise.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	for _, m := range meanings {
		if m.code == e.Code {
			return m.status
		}
	}
	return http.StatusInternalServerError
}

// AsError turns any error into the one to answer with. An *Error that came from
// elsewhere keeps the code, message and region it came with; a sentinel gets its
// code; a time limit or a broken connection is CodeUpstream; the rest is
// CodeInternal, from region.
func AsError(region string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		passed := *e
		return &passed
	}
	for _, m := range meanings {
		if errors.Is(err, m.sentinel) {
			return &Error{Code: m.code, Message: err.Error(), Region: region}
		}
	}
	var tooLarge *http.MaxBytesError
	var refused *identity.Refused
	var network net.Error
	switch {
	case errors.As(err, &tooLarge):
		return &Error{Code: CodeBad, Message: fmt.Sprintf("body is larger than %d bytes", tooLarge.Limit), Region: region, Status: http.StatusRequestEntityTooLarge}
	case errors.As(err, &refused):
		return &Error{Code: CodeUntrusted, Message: err.Error(), Region: region}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &Error{Code: CodeUpstream, Message: err.Error(), Region: region, Status: http.StatusGatewayTimeout}
	case errors.Is(err, context.Canceled), errors.As(err, &network):
		return &Error{Code: CodeUpstream, Message: err.Error(), Region: region}
	}
	return &Error{Code: CodeInternal, Message: err.Error(), Region: region}
}
