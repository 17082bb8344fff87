// Package inprocess answers requests of a tier in the process that asks, without a connection.
package inprocess

import (
	"bytes"
	"io"
	"net/http"
)

// Answer is the answer to a request that is written at once.
func Answer(to *http.Request, write func(http.ResponseWriter)) *http.Response {
	a := &answer{header: http.Header{}}
	write(a)
	return a.response(to)
}

// answer is what a tier writes, a short one, held whole: streams take a connection.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter; the first status counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Flush implements http.Flusher: the whole is handed over at the end.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) response(to *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: to,
	}
}
