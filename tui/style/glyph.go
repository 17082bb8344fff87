package style

import "charm.land/bubbles/v2/spinner"

// Glyphs are the signs that stand for a state. Each is followed by a word, so
// that neither the sign nor its colour is needed.
type Glyphs struct {
	Healthy, Degraded, Cordoned, Frozen, Down, Starting, Unknown string

	Syncing string
	Cut     string // between the two ends of a link
	Star    string
	Done    string
	Failed  string
	Waiting string
	Pointer string
	Enter   string
	Spinner []string
}

var unicode = Glyphs{
	Healthy: "●", Degraded: "◐", Cordoned: "◌", Frozen: "❄", Down: "✕", Starting: "○", Unknown: "?",
	Syncing: "⇄", Cut: "╳", Star: "★", Done: "✓", Failed: "✕", Waiting: "·", Pointer: "▸", Enter: "⏎",
	Spinner: spinner.MiniDot.Frames,
}

var ascii = Glyphs{
	Healthy: "o", Degraded: "~", Cordoned: "-", Frozen: "*", Down: "x", Starting: ".", Unknown: "?",
	Syncing: "<>", Cut: "x", Star: "@", Done: "+", Failed: "x", Waiting: ".", Pointer: ">", Enter: "enter",
	Spinner: spinner.Line.Frames,
}

// plain maps what frames and charts are drawn with, and the signs found in
// texts, to ASCII of the same width.
var plain = map[rune]byte{
	'─': '-', '│': '|', '╭': '+', '╮': '+', '╰': '+', '╯': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '┻': '+', '┼': '+',
	'━': '=', '┃': '|', '┏': '#', '┓': '#', '┗': '#', '┛': '#', '╌': '-', '╎': ':', '┄': '-', '┊': ':',
	'▁': '_', '▂': '_', '▃': '-', '▄': '-', '▅': '=', '▆': '=', '▇': '#', '█': '#', '▀': '#',
	'▏': '#', '▎': '#', '▍': '#', '▌': '#', '▋': '#', '▊': '#', '▉': '#', '▒': '%', '░': '.', '▓': '#',
	'·': '.', '–': '-', '—': '-', '…': '.', '→': '>', '←': '<', '↑': '^', '↓': 'v', '⇄': '=', '↔': '=', '★': '@', '≤': '<', '≥': '>', '≠': '!',
	'●': 'o', '◐': '~', '◌': '-', '❄': '*', '✕': 'x', '╳': 'x', '✓': '+', '○': '.', '▸': '>', '◂': '<', '▾': 'v', '▴': '^', '⏎': '<', '×': 'x', '’': '\'', '▲': '^', '▼': 'v',
	'•': '*', '“': '"', '”': '"', '‘': '\'',
}

// Plain is the ASCII stand-in of a rune that the screen draws with; false for
// one that it does not know, as in a region's name.
func Plain(r rune) (byte, bool) {
	if r >= 0x2800 && r <= 0x28ff { // braille: which half its dots are in
		switch upper, lower := r&0x1b != 0, r&0xe4 != 0; {
		case upper && lower:
			return ':', true
		case upper:
			return '\'', true
		case lower:
			return '.', true
		}
		return ' ', true
	}
	b, ok := plain[r]
	return b, ok
}
