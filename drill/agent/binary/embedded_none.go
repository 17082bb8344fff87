//go:build !embedagent

package binary

// embedded is nil without the build tag embedagent: a plain go build or go install
// runs itself as the agent.
var embedded []byte
