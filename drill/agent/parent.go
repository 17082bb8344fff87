package agent

import (
	"bufio"
	"io"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// WithParent calls exit once parent ends: it is a pipe that the parent holds open
// so that it ends when the parent does, whatever ended it. Once the line wire.Stay comes, which
// a parent writes that has put the process on record, the end means nothing any more.
func WithParent(parent io.Reader, exit func()) {
	lines := bufio.NewReader(parent)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // it means the same as the end: nobody holds the other side
			exit()
			return
		}
		if strings.TrimSpace(line) == wire.Stay {
			return
		}
	}
}
