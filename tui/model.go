package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// model is the one model of the program. Update changes it, View draws it; what
// may take time is done by commands.
type model struct {
	ctx  context.Context
	host Host
	opt  Options

	w, h  int
	light bool
	theme theme.Theme

	start  startPage
	live   *live
	dialog dialog // nil when none is open
	fatal  *trouble

	focus   pane.ID
	full    bool // the focused pane has the whole body
	region  string
	dataset string
	filter  string
	scroll  int
	still   bool // reduced motion

	notice   notice
	insisted bool // ctrl-c was pressed again while leaving

	ticking bool
	dirty   bool
	drawn   tea.View
}

// live is the session with what the screen knows of it.
type live struct {
	session Session
	state   *drill.State
	heard   time.Time     // local time of the last batch
	shown   time.Duration // the engine's clock as last shown; it never goes back
	closed  bool
	leaving bool
	keeping bool
	left    time.Duration // the engine's clock when leaving or tear-down began
	// troubles is how many failures there were then, so that those of the
	// tear-down can be told apart.
	troubles int
	failedAt time.Duration
	// found is how far the result page is scrolled, below how far it can be, as drawn last.
	found, below int
}

// notice is a line in the footer that a key brought about.
type notice struct {
	text  string
	style theme.Style
	until time.Time
}

// trouble is what a full page says about an error that ended everything.
type trouble struct {
	title string
	text  string
	next  string
}

func newModel(ctx context.Context, host Host, o Options) *model {
	m := &model{ctx: ctx, host: host, opt: o, focus: pane.Fleet, still: o.ReducedMotion, light: o.Theme == ThemeLight, dirty: true}
	m.setTheme()
	m.start = newStartPage(host.Fleets(), host.Drills())
	return m
}

func (m *model) setTheme() {
	m.theme = theme.New(theme.Options{Light: m.light, NoColor: m.opt.NoColor, ASCII: m.opt.ASCII})
	m.dirty = true
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.tick()}
	if m.opt.Theme == ThemeAuto && !m.opt.NoColor {
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
type page int

const (
	pageStart page = iota
	pageBringUp
	pageDrill
	pageLeaving
	pageResult
	pageFatal
)

func (m *model) page() page {
	switch {
	case m.fatal != nil:
		return pageFatal
	case m.live == nil:
		return pageStart
	case m.live.leaving:
		return pageLeaving
	case m.live.state.Verdict != "":
		return pageResult
	case m.live.state.Phase == "" || m.live.state.Phase == drill.PhaseBringUp:
		return pageBringUp
	}
	return pageDrill
}

// view is what the panes may look at.
func (m *model) view() pane.View {
	v := pane.View{
		State: drill.NewState(), Theme: m.theme, Region: m.region, Dataset: m.dataset, Focus: m.focus,
		Filter: m.filter, Scroll: m.scroll, Motion: !m.still,
	}
	if m.live != nil {
		v.State, v.Now = m.live.state, m.live.now(m.opt.Clock())
	}
	return v
}

// now is the engine's clock, moved on by the local one since the last event.
func (l *live) now(local time.Time) time.Duration {
	now := l.state.Now
	if !l.closed && !l.heard.IsZero() {
		now += max(local.Sub(l.heard), 0)
	}
	l.shown = max(l.shown, now)
	return l.shown
}

// running reports whether a drill can take commands.
func (m *model) running() bool { return m.page() == pageDrill }

// say puts a line into the footer for a few seconds.
func (m *model) say(st theme.Style, text string) {
	m.notice = notice{text: text, style: st, until: m.opt.Clock().Add(noticeFor)}
}

const noticeFor = 6 * time.Second
