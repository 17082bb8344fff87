package link

import (
	"errors"
	"syscall"
)

// WithRefused has the link call refused, from any goroutine, when the system gives this process no descriptor or port for a
// connection: what its client sees then is not the far side's doing.
func WithRefused(refused func()) Option { return func(l *Link) { l.refused = refused } }

// noteRefused tells an error that is such a refusal.
func (l *Link) noteRefused(err error) {
	for _, is := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL} {
		if l.refused != nil && errors.Is(err, is) {
			l.refused()
			return
		}
	}
}
