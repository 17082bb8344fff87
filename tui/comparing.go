package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page/compared"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// comparing is a drill that runs on several fleets, one after the other: each run is a session of
// its own, which nobody sends commands.
type comparing struct {
	what    Comparison
	page    compared.Page
	at      int     // the run that is on; len(page.Runs) once all are over
	session Session // nil while the run is being started
	giveUp  context.CancelFunc
	last    time.Time // local time of the last events
	asked   time.Time // when a person asked to end it; zero before
	command bool      // by the command line, so that leaving it quits
	leaves  bool      // once what runs is taken down
}

// comparedMsg is what came of a run.
type comparedMsg struct {
	of      *comparing
	session Session // of what was started; nil later
	err     error
	events  []drill.Event
	closed  bool
}

// confirmFor is within which time the same key ends a comparison that was asked to end.
const confirmFor = noticeFor

// comparisonMsg is a comparison that was chosen, with its files read.
type comparisonMsg struct {
	what Comparison
	on   string
	err  error
}

func comparisonCmd(host Host, c Choice) tea.Cmd {
	return func() tea.Msg {
		what, err := host.Comparison(c.Drill)
		return comparisonMsg{what, c.On, err}
	}
}

// chose begins a comparison that was chosen on the start page, unless something else was meanwhile.
func chose(m *model, msg comparisonMsg) tea.Cmd {
	switch {
	case m.page() != keys.PageStart || m.start.Starting:
		return nil
	case msg.err != nil:
		m.setNotice(style.DangerBold, msg.err.Error())
		return nil
	}
	return beginComparison(m, msg.what, msg.on, false)
}

// beginComparison begins a comparison.
func beginComparison(m *model, what Comparison, on string, command bool) tea.Cmd {
	c := &comparing{what: what, command: command, page: compared.Page{Name: what.Name, Title: what.Title, Question: what.Question, Drill: what.Drill, On: on}}
	for _, label := range what.Labels {
		c.page.Runs = append(c.page.Runs, compared.Run{Fleet: label})
	}
	m.comparing = c
	return c.begin(m.ctx, m.host)
}

// running reports whether a run is on, or is to be.
func (c *comparing) running() bool { return c != nil && c.at < len(c.page.Runs) }

// wait waits for the end of what runs when the screen has ended otherwise.
func (c *comparing) wait() {
	if !c.running() || c.session == nil {
		return
	}
	c.session.Quit(c.session.Found())
	for range c.session.Events() { // until it is closed
	}
}

// begin starts the run that is next.
func (c *comparing) begin(ctx context.Context, host Host) tea.Cmd {
	ctx, c.giveUp = context.WithCancel(ctx)
	choice := Choice{On: c.page.On, Fleet: c.what.Fleets[c.at], Drill: c.what.Drill}
	return func() tea.Msg {
		s, err := host.Start(ctx, choice)
		return comparedMsg{of: c, session: s, err: err}
	}
}

// next takes what comes of a session.
func (c *comparing) next() tea.Cmd {
	s, wait := c.session, eventsCmd(c.session)
	return func() tea.Msg {
		msg, _ := wait().(eventsMsg)
		return comparedMsg{of: c, session: s, events: msg.events, closed: msg.closed}
	}
}

// ranSoFar takes in what came of a run, and begins the next.
func ranSoFar(m *model, msg comparedMsg) tea.Cmd {
	c := m.comparing
	if c != msg.of {
		return nil
	}
	run := &c.page.Runs[c.at]
	switch {
	case msg.err != nil:
		run.Why = msg.err.Error()
		return ranOn(m, c)
	case c.session == nil:
		c.session, run.State, c.last, run.Journal = msg.session, drill.NewState(), m.local, msg.session.JournalPath()
		if c.leaves {
			c.session.Quit(c.session.Found())
		}
		return tea.Batch(c.next(), m.tick())
	}
	for _, e := range msg.events {
		run.State.Apply(e)
	}
	if len(msg.events) > 0 {
		c.last = m.local
	}
	if !msg.closed {
		return c.next()
	}
	if run.State.Verdict == "" {
		run.Why = failuresText(run.State.Failures) + failedStages(run.State)
		if c.leaves {
			run.Why = "it was ended before it was judged"
		}
	}
	return ranOn(m, c)
}

// ranOn goes on once a run is over.
func ranOn(m *model, c *comparing) tea.Cmd {
	c.page.Runs[c.at].Over = true
	c.giveUp()
	c.session = nil
	c.at++
	m.dirty = true
	if c.leaves {
		for i := c.at; i < len(c.page.Runs); i++ {
			c.page.Runs[i].Over, c.page.Runs[i].Why = true, "it was not run: the comparison was ended before"
		}
		c.at = len(c.page.Runs)
		return leftComparison(m, c)
	}
	if c.at == len(c.page.Runs) {
		return nil
	}
	return c.begin(m.ctx, m.host)
}

// leftComparison leaves a comparison of which nothing runs.
func leftComparison(m *model, c *comparing) tea.Cmd {
	if c.command {
		return tea.Quit
	}
	m.comparing = nil
	m.start = newStart(m.host, m.opt) // journals were written
	return tea.Batch(lookCmd(m.ctx, m.host), m.tick())
}

// advance moves the clock of the run that is on by the local one.
func (c *comparing) advance(local time.Time) {
	if c.running() && c.session != nil {
		run := &c.page.Runs[c.at]
		run.Now = max(run.Now, run.State.Now+max(local.Sub(c.last), 0))
	}
}

// leaveComparison ends a comparison: at once where nothing runs or nobody waits (now), else after the
// same key again.
func leaveComparison(m *model, now bool) tea.Cmd {
	c := m.comparing
	switch {
	case !c.running():
		return leftComparison(m, c)
	case c.leaves:
		m.forced = now
		if now {
			return tea.Quit
		}
		m.setNotice(style.Label, "the fleet is being taken down; ctrl+c leaves at once, “fleetdrill down” does the rest")
		return nil
	case !now && m.local.Sub(c.asked) > confirmFor:
		c.asked = m.local
		m.setNotice(style.CautBold, "the comparison is not over; the same key again ends it and takes its fleet down")
		return nil
	}
	c.leaves, c.page.Ending = true, true
	c.giveUp()
	if session := c.session; session != nil {
		return func() tea.Msg { session.Quit(session.Found()); return nil }
	}
	return nil
}
