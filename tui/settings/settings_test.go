package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

func words() Words {
	return Words{
		Themes: []string{"auto", "dark", "light"}, Platforms: []string{"here", "there"},
		Fleets: []string{"three-regions", "two-regions"}, Drills: []string{"lose-the-authority"},
		Keys: keys.New(action.All), IsPath: func(s string) bool { return strings.HasSuffix(s, ".yaml") },
	}
}

func TestRead(t *testing.T) {
	f, err := Read("config.yaml", []byte(`theme: light # mine
ascii: true
reduced_motion: false
start: {on: here, fleet: ./mine.yaml, drill: lose-the-authority}
keys: {kill: Z, freeze: K, next pane: f2}
`), words())
	if err != nil {
		t.Fatal(err)
	}
	if f.Theme != "light" || f.ASCII == nil || !*f.ASCII || f.ReducedMotion == nil || *f.ReducedMotion ||
		f.On != "here" || f.Fleet != "./mine.yaml" || f.Drill != "lose-the-authority" {
		t.Errorf("read %+v", f)
	}
	table, err := f.Keyed(keys.New(action.All))
	if err != nil || table.For("Z").Name != "kill" || table.For("K").Name != "freeze" || table.For("f2").Name != "next pane" {
		t.Errorf("keys %+v, %v", f.Keys, err)
	}
}

// A file that is not there, and one of comments alone, say nothing.
func TestNothingIsSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	for _, text := range []string{"", "# nothing\n", Example(words())} {
		if text != "" {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Load(path, words())
		if err != nil || f.Theme != "" || f.ASCII != nil || f.Keys != nil {
			t.Errorf("%q: %+v, %v", text, f, err)
		}
	}
}

// What the example explains is right as it stands there.
func TestTheExampleIsRight(t *testing.T) {
	var text strings.Builder
	for line := range strings.Lines(Example(words())) {
		if setting, is := strings.CutPrefix(line, "#"); is && (!strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ")) {
			text.WriteString(setting)
		}
	}
	f, err := Read("config.yaml", []byte(text.String()), words())
	if err != nil || f.Theme != "auto" || f.Keys["kill"] != "K" || f.Drill != "lose-the-authority" {
		t.Errorf("%v of\n%s\n%+v", err, text.String(), f)
	}
}

func TestWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a key", "thema: dark", `config.yaml:1: unknown key "thema" in a settings file; did you mean theme?`},
		{"a theme", "\ntheme: ligth", `config.yaml:2: there is no theme "ligth"; did you mean light?`},
		{"no boolean", "ascii: maybe", `config.yaml:1: ascii "maybe" is neither; write true or false`},
		{"a platform", "start:\n  on: hear", `config.yaml:2: there is no platform "hear"; did you mean here?`},
		{"a fleet", "start: {fleet: three-region}", `config.yaml:1: there is no fleet "three-region"; did you mean three-regions?`},
		{"a name of a key", "keys:\n  kil: x", `config.yaml:2: unknown key "kil" in keys; did you mean kill?`},
		{"one key for two", "keys:\n  kill: r", `config.yaml:2: "r" is the key of restore and of kill; give one of them another; free are x, z, A, J, K`},
		{"a key of the start page's own", "theme: dark\nkeys:\n  quit: g", `config.yaml:3: "g" can't be the key of quit: on the start page it goes to the first; give quit another; free are q, x, z, A, J`},
		{"one of a result's own", "keys: {next region: x, save: j}", `config.yaml:1: "j" can't be the key of save: on the page of a result it goes down; give save another; free are z, A, J, Q, S`},
		{"a key that terminals send as another", "keys: {kill: ctrl+m}", `config.yaml:1: "ctrl+m" can't be the key of kill: it is enter for most terminals`},
		{"the way out", "keys: {kill: esc}", `config.yaml:1: "esc" can't be the key of kill: it goes back`},
		{"a list", "- theme", `config.yaml:1: a settings file is written as keys and values; it takes theme, ascii, reduced_motion, start, keys`},
	} {
		_, err := Read("config.yaml", []byte(tt.text), words())
		var problems strict.Problems
		if !errors.As(err, &problems) || err.Error() != tt.want {
			t.Errorf("%s: got\n%v\nwant\n%s", tt.name, err, tt.want)
		}
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct{ name, text, key, value, want string }{
		{"into nothing", "", "theme", "dark", "theme: dark\n"},
		{"below comments", "# mine", "start.on", "there", "# mine\nstart:\n  on: there\n"},
		{"another value, comments stay", "# mine\ntheme: dark # at night\nascii: true\n", "theme", "light", "# mine\ntheme: light # at night\nascii: true\n"},
		{"into a mapping", "start:\n  on: here\n", "start.fleet", "two-regions", "start:\n  on: here\n  fleet: two-regions\n"},
		{"a boolean", "theme: dark\n", "ascii", "true", "theme: dark\nascii: true\n"},
	} {
		got, err := Set("config.yaml", []byte(tt.text), tt.key, tt.value, words())
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got\n%s%v\nwant\n%s", tt.name, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ text, key, value, want string }{
		{"", "theme", "pink", "there is no theme"},
		{"", "them", "dark", "did you mean theme?"},
		{"theme: pink\n", "ascii", "true", `config.yaml:1: there is no theme "pink"`},
		{"theme: dark\n", "keys.next pane", "n", "note"},
		{"keys: {freeze: x}\n", "keys.kill", "x", "freeze"},
	} {
		if got, err := Set("config.yaml", []byte(tt.text), tt.key, tt.value, words()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %s, %v", tt.key, tt.value, got, err)
		}
	}
}

// Every character can be a key, whatever YAML makes of it.
func TestEveryKeyCanBeSet(t *testing.T) {
	free := Words{Keys: keys.New(action.All)[:1]}
	name := free.Keys[0].Name
	for _, key := range []string{"~", "#", "!", "?", ":", "-", "*", "&", "'", "\"", "{", "|", "y", "n", "1", "ü", "space", "ctrl+x", "f12"} {
		text, err := Set("config.yaml", nil, "keys."+name, key, free)
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if f, err := Read("config.yaml", text, free); err != nil || f.Keys[name] != key {
			t.Errorf("%s: %+v, %v of %s", key, f, err, text)
		}
	}
}

func TestOnlyAFileIsRead(t *testing.T) {
	if _, err := Load(t.TempDir(), Words{}); err == nil || !strings.Contains(err.Error(), "is no file; move it away") {
		t.Errorf("a folder: %v", err)
	}
	if f, err := Load(filepath.Join(t.TempDir(), "none"), Words{}); err != nil || f.Theme != "" {
		t.Errorf("none: %+v, %v", f, err)
	}
}
