package kindcluster

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"sigs.k8s.io/kind/pkg/log"
)

// kindLog is kind's logger: it keeps kind off the terminal and reads from kind's
// status lines which of its own stages a cluster is in.
type kindLog struct {
	log   *slog.Logger
	stage func(name string, done bool)
}

var _ log.Logger = (*kindLog)(nil)

func (l *kindLog) Warn(m string)             { l.log.Warn("kind: " + strings.TrimSpace(m)) }
func (l *kindLog) Warnf(f string, a ...any)  { l.Warn(fmt.Sprintf(f, a...)) }
func (l *kindLog) Error(m string)            { l.log.Error("kind: " + strings.TrimSpace(m)) }
func (l *kindLog) Errorf(f string, a ...any) { l.Error(fmt.Sprintf(f, a...)) }
func (l *kindLog) V(v log.Level) log.InfoLogger {
	if v > 0 {
		return log.NoopInfoLogger{}
	}
	return l
}
func (l *kindLog) Enabled() bool            { return true }
func (l *kindLog) Infof(f string, a ...any) { l.Info(fmt.Sprintf(f, a...)) }

// Info takes kind's messages for people. Its stages come as " • Preparing nodes 📦  ..."
// when they start and as " ✓ Preparing nodes 📦" when they are done.
func (l *kindLog) Info(m string) {
	m = strings.TrimSpace(m)
	l.log.Debug("kind: " + m)
	if name, starts := strings.CutPrefix(m, "• "); starts {
		if name, starts = strings.CutSuffix(name, "..."); starts {
			l.stage(plain(name), false)
		}
	} else if name, done := strings.CutPrefix(m, "✓ "); done {
		l.stage(plain(name), true)
	}
}

// plain drops the pictures at the end of kind's stage names, which some
// terminals show at another width than they count.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII && !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
