package edn

import (
	"fmt"
	"strconv"
	"strings"
)

// keyword is EDN's :name. The other values are string, int64, float64, bool, nil, symbol,
// []any for what is in brackets, and map[any]any, whose keys are scalars.
type (
	keyword string
	symbol  string
)

// parser reads EDN out of a text.
type parser struct {
	text string
	at   int
}

// maxDepth is how deep values may lie in each other; an operation has two or three levels.
const maxDepth = 32

func (p *parser) blank() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			p.at++
		case c == ';':
			if end := strings.IndexByte(p.text[p.at:], '\n'); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.text)
			}
		default:
			return
		}
	}
}

func (p *parser) wrong(what string, args ...any) error {
	return fmt.Errorf("column %d: %s", p.at+1, fmt.Sprintf(what, args...))
}

// value reads one value.
func (p *parser) value(depth int) (any, error) {
	p.blank()
	if depth > maxDepth {
		return nil, p.wrong("more than %d values lie in each other", maxDepth)
	}
	if p.at >= len(p.text) {
		return nil, p.wrong("the line ends where a value should be")
	}
	switch c := p.text[p.at]; c {
	case '{':
		p.at++
		return p.dictionary(depth)
	case '[':
		p.at++
		return p.list(']', depth)
	case '(':
		p.at++
		return p.list(')', depth)
	case '"':
		return p.quoted()
	case '#':
		return p.tagged(depth)
	case '}', ']', ')':
		return nil, p.wrong("%q closes nothing", c)
	}
	return p.token()
}

// tagged reads #{a set}, #_ a value to be skipped, or a value with a tag, which is dropped:
// newer histories of Jepsen have #jepsen.history.Op before each map.
func (p *parser) tagged(depth int) (any, error) {
	p.at++
	switch {
	case strings.HasPrefix(p.text[p.at:], "{"):
		p.at++
		return p.list('}', depth)
	case strings.HasPrefix(p.text[p.at:], "_"):
		p.at++
		if _, err := p.value(depth + 1); err != nil {
			return nil, err
		}
		return p.value(depth + 1)
	}
	if _, err := p.token(); err != nil {
		return nil, err
	}
	return p.value(depth + 1)
}

func (p *parser) list(end byte, depth int) ([]any, error) {
	all := []any{}
	for {
		p.blank()
		if p.at < len(p.text) && p.text[p.at] == end {
			p.at++
			return all, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
}

func (p *parser) dictionary(depth int) (map[any]any, error) {
	all, err := p.list('}', depth)
	if err != nil {
		return nil, err
	}
	if len(all)%2 != 0 {
		return nil, p.wrong("a map has a key without a value")
	}
	m := map[any]any{}
	for i := 0; i < len(all); i += 2 {
		switch all[i].(type) {
		case []any, map[any]any:
			continue // a key that no operation has
		}
		m[all[i]] = all[i+1]
	}
	return m, nil
}

func (p *parser) quoted() (string, error) {
	begin := p.at
	p.at++
	var out strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch c {
		case '"':
			return out.String(), nil
		case '\\':
			if err := p.escaped(&out); err != nil {
				return "", err
			}
		default:
			out.WriteByte(c)
		}
	}
	p.at = begin
	return "", p.wrong("a string without an end")
}

func (p *parser) escaped(out *strings.Builder) error {
	if p.at >= len(p.text) {
		return p.wrong("a string without an end")
	}
	c := p.text[p.at]
	p.at++
	switch c {
	case 'n':
		out.WriteByte('\n')
	case 't':
		out.WriteByte('\t')
	case 'r':
		out.WriteByte('\r')
	case 'b':
		out.WriteByte('\b')
	case 'f':
		out.WriteByte('\f')
	case '"', '\\':
		out.WriteByte(c)
	case 'u':
		if p.at+4 > len(p.text) {
			return p.wrong("\\u wants four digits")
		}
		n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 32)
		if err != nil {
			return p.wrong("\\u wants four digits")
		}
		p.at += 4
		out.WriteRune(rune(n))
	default:
		return p.wrong("\\%c is no escape", c)
	}
	return nil
}

// token reads what ends with a blank or a bracket: nil, a boolean, a number, a keyword, a symbol.
func (p *parser) token() (any, error) {
	begin := p.at
	for p.at < len(p.text) && !strings.ContainsRune(" \t\r\n,;()[]{}\"", rune(p.text[p.at])) {
		p.at++
	}
	word := p.text[begin:p.at]
	switch {
	case word == "":
		return nil, p.wrong("%q is no value", p.text[p.at])
	case word == "nil":
		return nil, nil
	case word == "true", word == "false":
		return word == "true", nil
	case word[0] == ':':
		return keyword(word[1:]), nil
	}
	if n, err := strconv.ParseInt(strings.TrimSuffix(word, "N"), 10, 64); err == nil {
		return n, nil
	}
	if f, err := strconv.ParseFloat(strings.TrimSuffix(word, "M"), 64); err == nil {
		return f, nil
	}
	return symbol(word), nil
}
