package keys

import "time"

// Apart is how far apart two bytes of one key, or of one answer of the terminal, may come:
// a segment that a slow line lost is sent again after 1 s at first (RFC 6298, 2.1), and may
// be lost once more.
const Apart = 2 * time.Second

// Sequence tells the keys that a person presses from the rest of a key, or of a terminal's
// answer, whose bytes came too far apart to be read as one: End is Escape, "[" and "F" then.
// It follows ECMA-48: what comes after Escape, "[" is parameters and one letter, and what
// comes after Escape, "]" or "P" is a string up to BEL or ST. The zero value is good.
type Sequence struct {
	at    part
	more  int       // characters that are still to come, of partMore
	empty bool      // nothing of the string, or of the parameters, came yet
	intro rune      // what began it
	last  time.Time // when the last byte came
}

// part is where in a sequence its next byte belongs.
type part uint8

const (
	partNone   part = iota
	partEscape      // Escape came
	partCSI         // then "[": parameters, and a letter that ends it
	partSS3         // then "O": one letter, of some terminals after a digit
	partMore        // a fixed number of characters
	partString      // then one of "]P_^X": a string
	partST          // in a string, Escape came: "\" ends it
)

const (
	escape = '\x1b'
	bell   = '\a'
)

// Rest takes what was read at a time, as the bytes that a terminal sends for it, and
// reports whether it is the rest of a sequence, which is nobody's command. A key that sends
// no characters is "".
func (s *Sequence) Rest(read string, at time.Time) bool {
	if at.Sub(s.last) > Apart || read == "" {
		s.at = partNone
	}
	s.last = at
	rest := false
	for _, r := range read {
		if s.step(r) {
			rest = true
		}
	}
	return rest
}

func (s *Sequence) step(r rune) bool {
	switch s.at {
	case partEscape:
		return s.begin(r)
	case partCSI:
		return s.control(r)
	case partSS3:
		if r >= '0' && r <= '9' || r == ';' {
			return true
		}
		return s.end(r >= '@' && r <= '~', r)
	case partMore:
		if s.more--; r < ' ' || s.more == 0 {
			return s.end(r >= ' ', r)
		}
		return true
	case partString:
		return s.text(r)
	case partST:
		if r == '\\' {
			return s.end(true, r)
		}
		s.at = partEscape
		return s.step(r)
	}
	return s.end(false, r)
}

// end ends a sequence: with a character that is part of it, or before one that is not.
func (s *Sequence) end(part bool, r rune) bool {
	s.at = partNone
	if !part && r == escape {
		s.at = partEscape
	}
	return part
}

// begin takes what stands behind Escape.
func (s *Sequence) begin(r rune) bool {
	s.intro, s.empty = r, true
	switch r {
	case '[':
		s.at = partCSI
	case 'O':
		s.at = partSS3
	case ']', 'P', '_', '^', 'X':
		s.at = partString
	default:
		return s.end(false, r)
	}
	return true
}

// control takes what stands in a control sequence.
func (s *Sequence) control(r rune) bool {
	first := s.empty
	s.empty = false
	switch {
	case r >= ' ' && r <= '?':
		return true
	case first && r == '[': // the Linux console's function keys: Escape, "[", "[", "A"
		s.at, s.more = partMore, 1
		return true
	case first && r == 'M': // a mouse, as X10 told of one: button, column, row
		s.at, s.more = partMore, 3
		return true
	}
	return s.end(r >= '@' && r <= '~', r)
}

// text takes what stands in a string.
func (s *Sequence) text(r rune) bool {
	first := s.empty
	s.empty = false
	switch {
	case r == bell:
		return s.end(true, r)
	case r == escape:
		s.at = partST
		return true
	case r < ' ':
		return s.end(false, r)
	case first && s.intro == 'P' && r > '?':
		return s.end(false, r) // no answer of a terminal; somebody who pressed Escape and P presses on
	}
	return true
}

// The pace of text that pours in: a paste in a terminal that does not mark it, which
// comes as keys.
const (
	// Pace is the time between two keys that nobody presses that fast, several in a row.
	Pace = 30 * time.Millisecond
	// InARow is how many keys in a row at that pace people may press, or a script for them.
	InARow = 3
	// Quiet is the time without a key after which the text is over: a slow line
	// stutters.
	Quiet = 500 * time.Millisecond
)

// Pour tells text that pours in from keys that a person presses. The zero value is good.
type Pour struct {
	on    bool
	count int
	key   string // the last one
	last  time.Time
}

// Takes takes a key that a text could have, at a time, and reports whether it pours in. A
// key that is held down comes again and again and is no text.
func (p *Pour) Takes(key string, at time.Time) bool {
	gap := at.Sub(p.last)
	switch {
	case p.on && gap < Quiet:
	case gap >= Pace || p.last.IsZero():
		p.on, p.count = false, 1
	case key != p.key:
		p.count++
		p.on = p.count > InARow
	}
	p.key, p.last = key, at
	return p.on
}
