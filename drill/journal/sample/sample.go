// Package sample holds the journal that ships: a real run of a shipped drill on a local fleet,
// so that a replay needs no fleet. `make sample` records it anew.
package sample

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the journal
	"io"
)

// Name is the drill that was run.
const Name = "lose-the-authority"

//go:embed lose-the-authority.jsonl.gz
var compressed []byte

// Open gives the journal's lines.
func Open() (io.Reader, error) { return gzip.NewReader(bytes.NewReader(compressed)) }
