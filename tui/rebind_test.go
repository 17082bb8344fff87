package tui

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// rebound is the table with another key for everything that can have one: letters that are drawn
// for nothing else.
func rebound(t *testing.T) keys.Table {
	t.Helper()
	other := map[string]string{}
	next := 'Ա' // Armenian, of which there are enough
	for _, name := range keys.New(action.All).Names() {
		for !unicode.IsLetter(next) {
			next++
		}
		other[name] = string(next)
		next++
	}
	table, err := keys.New(action.All).Rebind(other)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// ordinary is what is a key by itself and stands on the screen as something else too: a word, a unit, a
// sign, a number's mark.
var ordinary = []string{"a", "s", "m", "B", "end", "tab", "?", "!", "=", "←", "→", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// oldKeys is the keys that a screen may not tell once all are others: alone, or as "K kill" where alone they
// are ordinary words.
func oldKeys() (alone, named []string) {
	named = []string{"1 – 9"} // of the panes, which help has in one line; "6 links" may be a count
	for _, b := range keys.New(action.All) {
		switch first, _, _ := strings.Cut(b.Show, " "); {
		case b.Show == "" || b.Show == "esc" || b.Show == "ctrl+c" || b.Intent.Op == keys.ShowPane:
		case slices.Contains(ordinary, first):
			named = append(named, " "+b.Show+" "+b.Name)
		default:
			alone = append(alone, first)
		}
	}
	return alone, named
}

// layers is the page that a stage shows and the dialog on it, each drawn alone: one cuts the words
// of the other.
func (s *stage) layers() []string {
	open := s.dialogs
	s.dialogs = nil
	c := s.frame()
	texts := []string{stripped(c.String())}
	c.Free()
	if s.dialogs = open; open.Top() != nil {
		c := canvas.New(s.w, s.h, s.theme)
		open.Top().Draw(c.All(), s.context())
		texts = append(texts, stripped(c.String()))
	}
	return texts
}

// wordsOn is the words of a text with frames.
func wordsOn(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("│╭╮╰╯┏┓┗┛┃─━", r)
	})
	for i, w := range words {
		words[i] = strings.Trim(w, "()“”;")
	}
	return words
}

// TestNoScreenTellsAnOldKey draws every page, pane and dialog with other keys for everything.
func TestNoScreenTellsAnOldKey(t *testing.T) {
	table := rebound(t)
	alone, named := oldKeys()
	check := func(t *testing.T, s *stage, own ...string) {
		t.Helper()
		s.model.keys, s.notice.Text = table, ""
		for _, text := range s.layers() {
			for _, word := range wordsOn(text) {
				if slices.Contains(alone, word) && !slices.Contains(own, word) {
					t.Errorf("at %d×%d the screen tells %q:\n%s", s.w, s.h, word, text)
					return
				}
			}
			for _, phrase := range named {
				if strings.Contains(text, phrase) {
					t.Errorf("at %d×%d the screen tells “%s”:\n%s", s.w, s.h, phrase, text)
				}
			}
		}
	}
	plays := map[string]func(*stage){"start": func(*stage) {}}
	for name, play := range states() {
		if !strings.Contains(name, "hostile") && name != "partition" { // whose names are letters alone
			plays[name] = play
		}
	}
	plays["palette"] = func(s *stage) { s.events(story(10*time.Second, nil)); s.press(":") }
	for _, sc := range scenes {
		plays[sc.name] = sc.play
	}
	for name, play := range plays {
		var own []string // a dialog's own keys, and those that a page has for itself
		switch {
		case strings.HasSuffix(name, "dialog"), name == "weaker":
			own = []string{"y", "n"}
		case name == "start", name == "comparison":
			own = []string{"⏎"}
		case name == "lost", name == "split":
			own = []string{"pgup", "pgdn", "home"}
		}
		t.Run(name, func(t *testing.T) {
			s := newStage(t, 120, 36, Options{NoColor: true})
			play(s)
			for _, size := range [][2]int{{80, 24}, {200, 50}} {
				s.w, s.h = size[0], size[1]
				check(t, s, own...)
			}
		})
	}
	t.Run("panes", func(t *testing.T) {
		for _, s := range []*stage{broken(t, 7*time.Second), manyRegions(t, 60, 120, 36)} {
			for s.drill.Focus = pane.First; s.drill.Focus <= pane.Last; s.drill.Focus++ {
				check(t, s)
			}
		}
	})
	t.Run("many regions", func(t *testing.T) {
		check(t, manyRegions(t, 60, 120, 36))
	})
	t.Run("reasons", func(t *testing.T) {
		s := byHand(t)
		for _, name := range []string{"v", "S", ".", "P"} {
			s.model.keys = keys.New(action.All)
			want := s.keys.For(name).Name
			s.model.keys = table
			i := slices.IndexFunc(table, func(b keys.Binding) bool { return b.Name == want })
			s.press(table[i].Keys[0])
			s.shows(table[i].Show + " " + want + ": ")
			for _, word := range wordsOn(s.notice.Text) {
				if slices.Contains(alone, strings.Trim(word, ",;")) || slices.Contains([]string{",", "space"}, word) {
					t.Errorf("the reason of %s tells %q: %s", want, word, s.notice.Text)
				}
			}
		}
	})
}

// TestEveryKeyIsAnsweredOnEveryPage holds that a key which can do nothing says why, in full, wherever it
// is pressed: what to do instead stands at the end of a reason.
func TestEveryKeyIsAnsweredOnEveryPage(t *testing.T) {
	for where, at := range pagesAndDialogs() {
		s := at(t)
		if s.dialogs.Top() != nil || typing(nil, s.page(), s.start) {
			continue
		}
		s.w, s.h = 80, 24
		for _, b := range s.keys {
			why := b.Off(s.now())
			if len(b.Keys) == 0 || why == "" || keys.OwnOf(b.Keys[0], s.page(), s.now().Time()) != 0 {
				continue
			}
			s.press(b.Keys[0])
			why = b.Off(s.now()) // of the moment that it was pressed in
			if said := strings.Join(strings.Fields(s.text()), " "); !strings.Contains(said, b.Name+": "+why) {
				t.Errorf("%s: %s does not say %q:\n%s", where, b.Name, why, s.text())
			}
		}
	}
}
