package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/page/result"
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// model is the one model of the program. It routes messages to pages and dialogs;
// what may take time is done by commands.
type model struct {
	ctx   context.Context
	host  Host
	opt   Options
	keys  keys.Table
	input input

	w, h  int
	still bool // reduced motion
	look  style.Options
	theme style.Theme // of that look

	start  start.Page
	drill  page.Drill
	result result.Page
	choice Choice // what was begun last

	watched
	overlay
	footing
	forced bool // ctrl-c was pressed again while leaving

	ticking bool
	dirty   bool
	drawn   string
	zones   canvas.Zones // of the frame that is drawn
}

func newModel(ctx context.Context, host Host, o Options) *model {
	m := &model{ctx: ctx, host: host, opt: o, keys: o.Keys, still: o.ReducedMotion, footing: footing{local: o.Clock()}}
	if m.keys == nil {
		m.keys = keys.New(action.All)
	}
	m.drill.Focus = pane.Fleet
	m.look = style.Options{Theme: o.Theme, NoColor: o.NoColor, ASCII: o.ASCII}
	m.theme = style.New(m.look)
	m.start = newStart(host, o)
	return m
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.tick()}
	if !m.opt.NoColor {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	switch {
	case m.opt.Replay != nil:
		cmds = append(cmds, m.replay(m.host, *m.opt.Replay))
		m.past.command = true
	case m.opt.Compare != nil:
		cmds = append(cmds, beginComparison(m, *m.opt.Compare, m.opt.First.On, true))
	case m.opt.Start != nil:
		cmds = append(cmds, m.begin(*m.opt.Start), catalogCmd(m.host))
	default:
		cmds = append(cmds, lookCmd(m.ctx, m.host))
	}
	return tea.Batch(cmds...)
}

// now is what pages, panes and keys may look at.
func (m *model) now() keys.Now {
	d := m.drill
	n := keys.Now{Page: m.page(), NoColor: m.opt.NoColor, Keys: m.keys, View: pane.View{
		Scene: show.Scene{State: drill.NewState(), Theme: m.theme, Region: d.Region, Dataset: d.Dataset, Motion: !m.still},
		Focus: d.Focus, Order: d.Order, Among: d.Among, Filter: d.Filter, Scroll: d.Scroll,
	}}
	if s, now := m.shown(); s != nil {
		n.State, n.Now = s, now
	}
	if d.Matrix {
		n.Link = d.Cell
	}
	n.Presenter = d.Presenter
	n.Past = m.lookBack()
	if n.Page == keys.PageResult {
		n.Outcome = keys.Outcome{Journal: m.past.resultOr(&m.result).Journal}
		if d, found := m.start.Next(m.choice.Drill); found {
			n.Outcome.Next = d.Name
		}
	}
	n.Hints = n.KeysNamed()
	return n
}

// context is what dialogs may look at.
func (m *model) context() dialog.Context {
	w, h := m.past.room(m.w, m.h)
	return dialog.Context{Now: m.now(), Local: m.local, W: w, H: h}
}

// footing is the local time of the last message, and what a key brought about then.
type footing struct {
	local  time.Time
	notice page.Notice
}

// setNotice puts a line into the footer for a few seconds.
func (f *footing) setNotice(st style.Style, text string) {
	f.notice = page.Notice{Text: text, Style: st, Until: f.local.Add(noticeFor)}
}

// noticeFor is how long a notice stays in the footer: long enough to read two lines of it.
const noticeFor = 6 * time.Second

// overlay is the dialogs over the page.
type overlay struct{ dialogs dialog.Stack }

// open shows a dialog, and asks for the frame in which its choices can be chosen.
func (o *overlay) open(d dialog.Dialog) tea.Cmd {
	o.dialogs = o.dialogs.Push(d)
	return tea.Tick(dialog.InFlight, func(time.Time) tea.Msg { return redrawMsg{} })
}
