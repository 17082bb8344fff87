package traffic

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
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// Why a request failed, in the words of a sample's Failures. A refusal by an
// agent has the words of its wire code instead: "no authority", "fenced",
// "shed", "upstream", …
const (
	reasonTimeout     = "timeout"
	reasonRefused     = "refused"
	reasonReset       = "reset"
	reasonUnreachable = "unreachable"
	reasonWrongRegion = "wrong region"
	reasonBadAnswer   = "bad answer"
	reasonNoRegion    = "no region" // the router had none to offer
	reasonNoAddress   = "no address"
	reasonStopped     = "stopped" // the drill ended first
	reasonOther       = "broken"
	// reasonUnanswered is of one that hung when the drill ended, before its user gave it up.
	reasonUnanswered = "no answer by the end"
	// reasonNoDescriptor is no failure of a region's: this program could not send it.
	reasonNoDescriptor = telemetry.UnsentNoDescriptor
)

// causes are looked for in this order: what an operator of the region would
// call it first.
var causes = []struct {
	word string
	is   []error
}{
	{reasonWrongRegion, []error{wire.ErrWrongRegion}},
	{reasonRefused, []error{syscall.ECONNREFUSED}},
	{reasonReset, []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, io.EOF, io.ErrUnexpectedEOF}},
	{reasonUnreachable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}},
	{reasonNoRegion, []error{zone.ErrNoRegion}},
	{reasonNoAddress, []error{errNoAddress}},
	{reasonNoDescriptor, []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL}},
	{reasonStopped, []error{context.Canceled}},
	{reasonTimeout, []error{context.DeadlineExceeded, syscall.ETIMEDOUT}},
}

var errNoAddress = errors.New("the region has no address")

// reason is an error in a word or two.
func reason(err error) string {
	var refusal *wire.Error
	if errors.As(err, &refusal) {
		return strings.ReplaceAll(string(refusal.Code), "-", " ")
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
		return reasonTimeout
	}
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &shape) {
		return reasonBadAnswer
	}
	// net/http says this without a type of its own.
	if strings.Contains(err.Error(), "server closed idle connection") {
		return reasonReset
	}
	return reasonOther
}
