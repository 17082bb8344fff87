//go:build embedagent

package binary

import _ "embed"

// embedded is the Linux agent of this machine's architecture, compressed. The
// Makefile builds it first; it is in no commit.
//
//go:embed agent.gz
var embedded []byte
