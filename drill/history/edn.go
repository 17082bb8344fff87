package history

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// append writes the operation as one map of EDN (github.com/edn-format/edn).
func (op Op) append(line []byte) []byte {
	line = append(line, "{:process "...)
	line = strconv.AppendInt(line, int64(op.Process), 10)
	line = append(line, ", :type :"...)
	line = append(line, op.Type...)
	line = append(line, ", :f :"...)
	line = append(line, op.F...)
	line = appendText(line, ":key", op.Key)
	if op.Value.Known {
		line = appendText(line, ":value", op.Value.Text)
	} else {
		line = append(line, ", :value nil"...)
	}
	line = append(line, ", :time "...)
	line = strconv.AppendInt(line, int64(op.Time), 10)
	line = append(line, ", :index "...)
	line = strconv.AppendInt(line, int64(op.Index), 10)
	for _, f := range []struct{ name, text string }{
		{":dataset", op.Dataset}, {":population", op.Population}, {":region", op.Region}, {":node", op.Node}, {":error", op.Error},
	} {
		if f.text != "" {
			line = appendText(line, f.name, f.text)
		}
	}
	for _, f := range []struct {
		name string
		n    uint64
	}{{":epoch", op.Epoch}, {":position", op.Position}} {
		if f.n != 0 {
			line = append(append(append(line, ", "...), f.name...), ' ')
			line = strconv.AppendUint(line, f.n, 10)
		}
	}
	return append(line, '}')
}

// appendText writes a field whose value is a string. EDN's escapes are Java's.
func appendText(line []byte, name, text string) []byte {
	line = append(append(append(line, ", "...), name...), ` "`...)
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			line = append(line, '\\', byte(r))
		case r == '\n':
			line = append(line, `\n`...)
		case r == '\t':
			line = append(line, `\t`...)
		case r == '\r':
			line = append(line, `\r`...)
		case r < ' ' || r == 0x7f:
			line = append(line, fmt.Sprintf(`\u%04x`, r)...)
		default:
			line = utf8.AppendRune(line, r)
		}
	}
	return append(line, '"')
}
