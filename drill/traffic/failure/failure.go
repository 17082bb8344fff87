// Package failure says why a request or a probe failed, in a word or two, and whether that is the doing of this program
// and not of the fleet.
package failure

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Why a request failed, in the words of a sample's Failures. A refusal by an
// agent has the words of its wire code instead: "no authority", "fenced",
// "shed", "upstream", …
const (
	Timeout     = "timeout"
	Refused     = "refused"
	Reset       = "reset"
	Unreachable = "unreachable"
	WrongRegion = "wrong region"
	BadAnswer   = "bad answer"
	NoRegion    = "no region" // the router had none to offer
	NoAddress   = "no address"
	// Jurisdiction is that the router had none where the user's law lets it be served.
	Jurisdiction = "jurisdiction"
	Stopped      = "stopped" // the drill ended first
	Other        = "broken"
	// Unanswered is of one that hung when the drill ended, before its user gave it up.
	Unanswered = "no answer by the end"
	// NoDescriptor is no failure of a region's: this program could not send it.
	NoDescriptor = telemetry.UnsentNoDescriptor
)

// causes are looked for in this order: what an operator of the region would
// call it first.
var causes = []struct {
	word string
	is   []error
}{
	{WrongRegion, []error{wire.ErrWrongRegion}},
	{Refused, []error{syscall.ECONNREFUSED}},
	{Reset, []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, io.EOF, io.ErrUnexpectedEOF}},
	{Unreachable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}},
	{NoRegion, []error{policy.ErrNoRegion}},
	{Jurisdiction, []error{policy.ErrJurisdiction}},
	{NoAddress, []error{ErrNoAddress}},
	{NoDescriptor, []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL}},
	{Stopped, []error{context.Canceled}},
	{Timeout, []error{context.DeadlineExceeded, syscall.ETIMEDOUT}},
}

// ErrNoAddress is of a region that nobody knows how to reach.
var ErrNoAddress = errors.New("the region has no address")

// Word is the reason of what an agent refuses with a code.
func Word(code wire.Code) string { return strings.ReplaceAll(string(code), "-", " ") }

// Reason is an error in a word or two.
func Reason(err error) string {
	var refusal *wire.Error
	if errors.As(err, &refusal) {
		return Word(refusal.Code)
	}
	for _, c := range causes {
		for _, cause := range c.is {
			if errors.Is(err, cause) {
				return c.word
			}
		}
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return Timeout
	}
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &shape) {
		return BadAnswer
	}
	// net/http says this without a type of its own.
	if strings.Contains(err.Error(), "server closed idle connection") {
		return Reset
	}
	return Other
}
