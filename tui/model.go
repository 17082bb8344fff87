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
	"github.com/fleetdrill/fleetdrill/tui/page/start"
	"github.com/fleetdrill/fleetdrill/tui/pane"
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
	result page.Result
	fatal  *page.Fatal
	choice Choice // what was begun last
	live   *live  // nil before the first session

	dialogs dialog.Stack
	notice  page.Notice
	forced  bool // ctrl-c was pressed again while leaving

	local   time.Time // of the last message
	ticking bool
	dirty   bool
	drawn   string
	zones   canvas.Zones // of the frame that is drawn
}

func newModel(ctx context.Context, host Host, o Options) *model {
	m := &model{ctx: ctx, host: host, opt: o, keys: o.Keys, still: o.ReducedMotion, local: o.Clock()}
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
	if m.opt.Start != nil {
		cmds = append(cmds, m.begin(*m.opt.Start))
	} else {
		cmds = append(cmds, machineCmd(m.ctx, m.host))
	}
	return tea.Batch(cmds...)
}

// page is which of the screens is shown.
func (m *model) page() keys.Page {
	switch {
	case m.fatal != nil:
		return keys.PageFatal
	case m.live == nil:
		return keys.PageStart
	case m.live.leaving:
		return keys.PageLeaving
	case m.live.state.Verdict != "":
		return keys.PageResult
	case m.live.state.Phase == "" || m.live.state.Phase == drill.PhaseBringUp:
		return keys.PageBringUp
	}
	return keys.PageDrill
}

// now is what pages, panes and keys may look at.
func (m *model) now() keys.Now {
	d := m.drill
	n := keys.Now{Page: m.page(), NoColor: m.opt.NoColor, Keys: m.keys, View: pane.View{
		State: drill.NewState(), Theme: m.theme, Region: d.Region, Dataset: d.Dataset, Focus: d.Focus,
		Order: d.Order, Among: d.Among, Filter: d.Filter, Scroll: d.Scroll, Motion: !m.still,
	}}
	if m.live != nil {
		n.State, n.Now = m.live.state, m.live.now
	}
	if n.Page == keys.PageResult {
		n.Outcome = keys.Outcome{Journal: m.result.Journal, Again: true}
		if d, found := m.start.Next(m.choice.Drill); found {
			n.Outcome.Next = d.Name
		}
	}
	return n
}

// context is what dialogs may look at.
func (m *model) context() dialog.Context {
	return dialog.Context{Now: m.now(), Keys: m.keys, Local: m.local, W: m.w, H: m.h}
}

// setNotice puts a line into the footer for a few seconds.
func (m *model) setNotice(st style.Style, text string) {
	m.notice = page.Notice{Text: text, Style: st, Until: m.local.Add(noticeFor)}
}

// noticeFor is how long a notice stays in the footer: long enough to read two lines of it.
const noticeFor = 6 * time.Second
