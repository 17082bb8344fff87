package dialog

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// palette finds a command by its words.
type palette struct {
	line Input
	at   int
}

// NewPalette finds a command by its words.
func NewPalette() Dialog { return &palette{} }

// entry is one thing that the palette can do. Its region is focused first, so
// that the same reasons and dialogs hold as for the key.
type entry struct {
	text   string
	region string // "" for the one in focus
	key    keys.Binding
	rank   int
}

func (d *palette) Typing() bool      { return true }
func (d *palette) Paste(text string) { d.line.Add(text); d.at = 0 }

// entries is every command there is. An action about one region stands once for the region in
// focus or, once a word is typed that may be a region's name, once for each.
func entries(c Context, all bool) []entry {
	var list []entry
	for _, b := range c.Keys {
		switch a := b.Intent.Action; {
		case b.Intent.Op == keys.OpenPalette || b.Intent.Op == keys.Back:
		case b.Intent.Op == keys.Act && keys.TakesRegion(a):
			for _, r := range c.State.Fleet.RegionNames() {
				if r != c.Region && !all {
					continue
				}
				at := c.Now
				at.Region = r
				list = append(list, entry{text: words(a, at.Command(a)), region: r, key: b})
			}
		default:
			list = append(list, entry{text: b.Name, key: b})
		}
	}
	return list
}

// words is a command with the name that its key has: "switch over orders to us-east".
func words(a action.Action, c runbook.Command) string {
	return a.Words.Name + strings.TrimPrefix(c.String(), string(a.Verb))
}

// off says why an entry can't be done now.
func (e entry) off(c Context) string {
	if e.region != "" {
		c.Region = e.region
	}
	return e.key.Off(c.Now)
}

// matching is the entries that contain every word that was typed, what fits best first.
func (d *palette) matching(c Context) []entry {
	typed := strings.Fields(strings.ToLower(d.line.Text))
	var found []entry
	for _, e := range entries(c, len(typed) > 0) {
		text, ok := strings.ToLower(e.text), true
		for _, w := range typed {
			ok = ok && strings.Contains(text, w)
		}
		if ok {
			e.rank = e.ranked(c, len(typed) > 0 && strings.HasPrefix(text, typed[0]))
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b entry) int { return cmp.Compare(a.rank, b.rank) })
	return found
}

// ranked is an entry's place: what can be done now before what can't, of each what begins
// with the word that was typed, then what puts something right, then what is about the
// region in focus.
func (e entry) ranked(c Context, begins bool) int {
	rank := 0
	if e.off(c) != "" {
		rank += 8
	}
	if !begins {
		rank += 4
	}
	switch {
	case e.key.Place == keys.Mends:
	case e.region == c.Region:
		rank++
	case e.key.Intent.Op == keys.Act:
		rank += 2
	default:
		rank += 3
	}
	return rank
}

func (d *palette) Key(k tea.KeyPressMsg, c Context) Outcome {
	list := d.matching(c)
	switch k.String() {
	case "esc":
		return Outcome{Close: true}
	case "down", "tab", "ctrl+n":
		d.at = min(d.at+1, max(len(list)-1, 0))
	case "up", "shift+tab", "ctrl+p":
		d.at = max(d.at-1, 0)
	case "enter":
		if d.at < len(list) {
			return Outcome{Close: true, Choice: Press{Binding: list[d.at].key, Region: list[d.at].region}}
		}
	default:
		d.line.Key(k)
		d.at = 0
	}
	return Outcome{}
}

func (d *palette) Draw(a canvas.Area, c Context) {
	list := d.matching(c)
	in := over(a, 98, min(20, a.H-2), calmFrame, "Command", "")
	x := in.Text(0, 0, style.Star, c.Theme.Glyphs.Pointer+" ")
	d.line.Draw(in, x, 0, in.W-x)
	room := in.H - 3
	from := max(0, d.at-room+1)
	text := 0
	for _, e := range list {
		text = min(max(text, canvas.Width(e.text)), 30)
	}
	for y := 0; y < room && from+y < len(list); y++ {
		row := in.Rows(2+y, 1)
		row.Zone(Row(from + y))
		drawEntry(row, c, list[from+y], text, from+y == d.at)
	}
	if len(list) == 0 {
		in.Text(2, 2, style.Label, "no command has these words")
	}
	if d.at < len(list) {
		if why := list[d.at].off(c); why != "" { // in full, since the row may have cut it
			in.Fit(0, in.H-1, in.W, style.CautBold, "not now: "+why)
			return
		}
	}
	in.Fit(0, in.H-1, in.W, style.Label, "↑ ↓ choose   enter runs it   esc back   type a region's name for another one")
}

// drawEntry draws a key, what it does in text columns, and what there is to say of it.
func drawEntry(row canvas.Area, c Context, e entry, text int, chosen bool) {
	st, help := style.Text, e.key.Help
	if why := e.off(c); why != "" {
		st, help = style.Label, "not now: "+why
	}
	if chosen {
		row.Text(0, 0, style.Star, c.Theme.Glyphs.Pointer)
		st.Bold = true
	}
	row.Right(11, 0, style.Key, e.key.Sign(c.Theme.Glyphs))
	row.Fit(13, 0, text, st, e.text)
	row.Fit(15+text, 0, row.W-15-text, style.Label, help)
}
