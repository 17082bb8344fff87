package tui

import (
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// brings hands messages to the model, a time apart, as a slow line brings a key's bytes.
func (s *stage) brings(apart time.Duration, msgs ...tea.Msg) {
	s.t.Helper()
	for _, msg := range msgs {
		s.at = s.at.Add(apart)
		s.does(s.update(msg))
	}
}

// does runs what a key brought about. A dialog that opened asks for a frame later, for which
// nobody waits here.
func (s *stage) does(cmds ...tea.Cmd) {
	if s.dialogs.Top() == nil {
		s.commands(cmds)
	}
}

// typed is a text as its keys.
func typed(text string) (msgs []tea.Msg) {
	for _, r := range text {
		switch r {
		case '\x1b':
			msgs = append(msgs, keyMsg("esc"))
		case '\a':
			msgs = append(msgs, tea.KeyPressMsg{Code: 'g', Mod: tea.ModCtrl})
		case '\n':
			msgs = append(msgs, keyMsg("enter"))
		case '\t':
			msgs = append(msgs, keyMsg("tab"))
		default:
			msgs = append(msgs, keyMsg(string(r)))
		}
	}
	return msgs
}

// TestNobodyPressedThat holds that what no person pressed asks nothing and sends nothing.
func TestNobodyPressedThat(t *testing.T) {
	tests := []struct {
		name  string
		apart time.Duration
		msgs  []tea.Msg
		says  string
	}{
		{"End, a byte at a time", 200 * time.Millisecond, typed("\x1b[F"), "“F” came as the rest of a key"},
		{"End, in two parts", 200 * time.Millisecond, append([]tea.Msg{tea.KeyPressMsg{Code: '[', Mod: tea.ModAlt}}, typed("F")...), "“F” came as the rest of a key"},
		{"Ctrl+Right, of which the library gave up the begin", 200 * time.Millisecond, append([]tea.Msg{uv.UnknownEvent("\x1b[1;")}, typed("5C")...), "“C” came as the rest of a key"},
		{"the background's colour, late", time.Millisecond, typed("\x1b]11;rgb:rrrr/ffff/FFFF\a"), "came as the rest of a key"},
		{"the colour, of which the library gave up the begin", 200 * time.Millisecond, append([]tea.Msg{uv.UnknownEvent("\x1b]11;rgb:ff")}, typed("rr/KK/FF\a")...), "came as the rest of a key"},
		{"Alt+Shift+F", 0, []tea.Msg{tea.KeyPressMsg{Code: 'f', Mod: tea.ModAlt | tea.ModShift}}, "came together with esc, or with Alt"},
		{"a Cyrillic letter", 0, []tea.Msg{tea.KeyPressMsg{Code: 'к', Text: "К"}}, "commands are Latin letters; switch the layout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			s.press("right")
			s.wait(time.Second)
			s.brings(tt.apart, tt.msgs...)
			if sent := s.host.session.sent; len(sent) > 0 || s.dialogs.Top() != nil {
				t.Fatalf("it sent %v, and the dialog %v is open", sent, s.dialogs)
			}
			s.shows(tt.says)
		})
	}
}

// TestPasteThatIsNotMarkedMovesNothing holds that text which pours in as keys confirms
// nothing, whatever it opens, and that a text that is being typed may be pasted.
func TestPasteThatIsNotMarkedMovesNothing(t *testing.T) {
	for _, text := range []string{
		"Fleet is up\nK\tand all the rest\n", "r\n\n\n", "also\n\t\n\t\n", "Kill\t\n", "notes\nK\t\n", ":kill us-east\n\t\n", "mm\n\n\t\n", "q\t\n",
	} {
		for _, apart := range []time.Duration{0, 2 * time.Millisecond, keys.Pace - time.Millisecond} {
			s := broken(t, 5*time.Second)
			s.press("right")
			s.wait(time.Second)
			s.brings(apart, typed(text)...)
			if sent := s.host.session.sent; len(sent) > 0 || len(s.host.session.quits) > 0 {
				t.Errorf("%q, %s apart, sent %v, quit %v", text, apart, sent, s.host.session.quits)
			}
		}
	}
	s := byHand(t)
	s.press("n")
	s.brings(0, typed("line one\nline two")...)
	s.shows("line one line two")
	if sent := s.host.session.sent; len(sent) > 0 {
		t.Fatalf("a line's end in a paste sent %v", sent)
	}
}

// TestEveryKeyOfAnActionAsks holds that no single key moves users or data, and that neither
// do Escape, Enter and the key again, which have Cancel in focus.
func TestEveryKeyOfAnActionAsks(t *testing.T) {
	for _, at := range []func(*testing.T) *stage{byHand, func(t *testing.T) *stage { return broken(t, 5*time.Second) }} {
		for _, b := range keys.New(action.All) {
			if b.Intent.Op != keys.Act || len(b.Keys) == 0 || b.Intent.Action.Harmless {
				continue
			}
			for _, first := range []string{"", "right"} {
				s := at(t)
				if first != "" {
					s.press(first)
				}
				s.wait(time.Second)
				s.does(s.press(b.Show)...)
				s.wait(dialog.InFlight)
				s.does(s.press(b.Show, b.Show, "enter")...)
				if sent := s.host.session.sent; len(sent) > 0 {
					t.Errorf("%s %s sent %v", first, b.Show, sent)
				}
			}
		}
	}
}

// TestKeyOfAnotherLayout holds that a key of another alphabet is the Latin one in its place
// where the terminal tells which that is, and a letter where a text is typed.
func TestKeyOfAnotherLayout(t *testing.T) {
	s := byHand(t)
	k := tea.KeyPressMsg{Code: 'л', BaseCode: 'k', Text: "Л", Mod: tea.ModShift}
	s.update(k)
	s.wait(dialog.InFlight)
	s.shows("Kill us-east?")
	s.press("esc", "n")
	s.update(k)
	s.shows("Л")
	s.press("esc")
	if s.key(tea.KeyPressMsg{Code: 'с', BaseCode: 'c', Mod: tea.ModCtrl}); !s.live.leaving {
		t.Fatal("ctrl+c of a Cyrillic layout did not quit")
	}
	if !strings.Contains(keys.New(action.All).Markdown(), "Latin letters") {
		t.Fatal("docs/keys.md does not say which keys work")
	}
}

// TestPastedTextIsClean holds that a paste brings nothing into the journal that a terminal
// obeys, or that turns text round.
func TestPastedTextIsClean(t *testing.T) {
	s := byHand(t)
	s.press("n")
	s.update(tea.PasteMsg{Content: "look\x1b[31m at\u202e this\r\nand\tthat\u2066\x07"})
	sent := s.commands(s.press("enter"))
	if len(sent) != 1 || sent[0].Text != `look\u001b[31m at\u202e this and that\u2066\u0007` {
		t.Fatalf("sent %q", sent)
	}
}

// pagesAndDialogs is a stage for each place that keys can be pressed in.
func pagesAndDialogs() map[string]func(*testing.T) *stage {
	plain := func(play func(*stage)) func(*testing.T) *stage {
		return func(t *testing.T) *stage {
			s := newStage(t, 120, 36, Options{NoColor: true})
			play(s)
			s.wait(time.Second) // so that a dialog takes keys
			return s
		}
	}
	dialogOf := func(names ...string) func(*testing.T) *stage {
		return plain(func(s *stage) { s.events(story(10*time.Second, nil)); s.press(names...) })
	}
	replayed := func(key string) func(*testing.T) *stage {
		return plain(func(s *stage) {
			s.ticking, s.host.recorded = true, story(storyEnd, storyPlan())
			s.runs(s.replay(s.host, "x"))
			s.press(key)
		})
	}
	return map[string]func(*testing.T) *stage{
		"start": plain(func(*stage) {}), "its filter": plain(func(s *stage) { s.press("/") }),
		"bring-up": plain(func(s *stage) { s.events(story(time.Second, nil)) }),
		"drill":    byHand, "result": func(t *testing.T) *stage { return over(t, true) },
		"paused": plain(func(s *stage) {
			s.host.recorded = story(12*time.Second, nil)
			s.events(s.host.recorded)
			s.runs(s.press(",")...)
		}),
		"error":  plain(func(s *stage) { s.update(startedMsg{err: drillErr("no room")}) }),
		"replay": replayed("}"), "its result": replayed("end"),
		"help": dialogOf("?"), "palette": dialogOf(":"), "filter": dialogOf("/"), "note": dialogOf("n"),
		"choose": dialogOf("X"), "confirm": dialogOf("K"), "quit": dialogOf("q"),
	}
}

// TestNobodyPressedThatAnywhere holds on every page and in every dialog that the bytes of a key which come
// apart, Alt with a letter, and letters of another alphabet begin, end and send nothing.
func TestNobodyPressedThatAnywhere(t *testing.T) {
	exhaustive(t)
	alt := func(r rune, mods tea.KeyMod) []tea.Msg {
		return []tea.Msg{tea.KeyPressMsg{Code: r, Mod: tea.ModAlt | mods}}
	}
	cyrillic := func(text string) (msgs []tea.Msg) {
		for _, r := range text {
			msgs = append(msgs, tea.KeyPressMsg{Code: unicode.ToLower(r), Text: string(r)})
		}
		return msgs
	}
	for where, at := range pagesAndDialogs() {
		for name, msgs := range map[string][]tea.Msg{
			"End, a byte at a time": typed("\x1b[F"), "F10, a byte at a time": typed("\x1b[21~"), "Alt+F": alt('f', tea.ModShift), "Alt+Q": alt('q', 0),
			"Alt+A": alt('a', 0), "Alt+N": alt('n', tea.ModShift), "Alt+B": alt('b', 0), "Alt+Y": alt('y', 0), "Cyrillic": cyrillic("КйнуЙ"),
		} {
			t.Run(where+"/"+name, func(t *testing.T) {
				s := at(t)
				page, chosen := s.page(), len(s.host.chosen)
				for _, msg := range msgs {
					s.at = s.at.Add(200 * time.Millisecond)
					cmd := s.update(msg)
					if s.dialogs.Top() == nil && s.quits(cmd) {
						t.Fatal("it quits")
					}
				}
				if h := s.host; len(h.session.sent) > 0 || len(h.session.quits) > 0 || len(h.chosen) > chosen {
					t.Fatalf("it sent %v, quit %v, began %v", h.session.sent, h.session.quits, h.chosen)
				}
				if s.page() != page && page != keys.PageFatal { // which Escape leaves, and Alt looks like it
					t.Fatalf("it went from %s to %s", page, s.page())
				}
			})
		}
	}
}

// TestALetterOfAnotherLayoutSaysSoAnywhere holds that where letters are keys, one of another alphabet says what to do.
func TestALetterOfAnotherLayoutSaysSoAnywhere(t *testing.T) {
	for where, at := range pagesAndDialogs() {
		s := at(t)
		s.update(tea.KeyPressMsg{Code: 'й', Text: "й"})
		if text := typing(s.dialogs.Top(), s.page(), s.start); text == strings.Contains(s.text(), "commands are Latin letters") {
			t.Errorf("%s: text is typed: %v, and the screen is\n%s", where, text, s.text())
		}
	}
}

// TestALetterThatIsAKeyStaysIt holds that a key which a person has chosen beyond ASCII is not taken for
// the Latin one in its place.
func TestALetterThatIsAKeyStaysIt(t *testing.T) {
	table, err := keys.New(action.All).Rebind(map[string]string{"help": "ü"})
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, 120, 36, Options{NoColor: true, Keys: table})
	s.events(story(10*time.Second, nil))
	s.update(tea.KeyPressMsg{Code: 'ü', BaseCode: '[', Text: "ü"})
	s.shows("kill the region")
}
