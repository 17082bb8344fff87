package strict

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A reader of another kind of file than fleets and drills gets the same from it.
func TestProblemsAreInTheOrderOfTheirLines(t *testing.T) {
	s := Parse("f.yaml", []byte("colour: blu\nsizes: 3\nsize: many\nsize: 4\n"))
	colour, size := "", 0
	s.Mapping(s.Root, "a shirt", []Key{
		{Name: "size", Read: func(n *yaml.Node) { size = s.Integer(n, "size", 1, 9) }},
		{Name: "colour", Read: func(n *yaml.Node) { colour, _ = s.OneOf(n, "colour", []string{"blue", "red"}, "there are") }},
		{Name: "cut", Must: "cut: slim"},
	})
	want := `f.yaml:1: there is no colour "blu"; did you mean blue?
f.yaml:1: "cut" is missing in a shirt; add cut: slim
f.yaml:2: unknown key "sizes" in a shirt; did you mean size?
f.yaml:3: size "many" is no whole number; write one, like 3
f.yaml:4: key "size" is there twice, first in line 3; keep one`
	if err := s.Err(); err == nil || err.Error() != want || colour != "" || size != 0 {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAnEmptyFileIsNoProblemByItself(t *testing.T) {
	for text, empty := range map[string]bool{"": true, "# x\n": true, "a: 1\n": false, "{}": false} {
		if s := Parse("f.yaml", []byte(text)); s.Empty != empty || (s.Root == nil) != empty || s.Err() != nil {
			t.Errorf("%q: empty %v, %v", text, s.Empty, s.Err())
		}
	}
	if s := Parse("f.yaml", []byte(strings.Repeat("x", MaxBytes+1))); s.Err() == nil || s.Root != nil {
		t.Error("a file without end is read")
	}
}

// A pipe or a device is not opened: it may never end.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	if err := Regular(os.DevNull); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	for _, err := range []error{Regular(t.TempDir()), func() error { _, err := ReadFile(t.TempDir()); return err }()} {
		if err == nil || !strings.Contains(err.Error(), "is a folder") {
			t.Errorf("a folder: %v", err)
		}
	}
	file := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(file, []byte("a: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadFile(file); err != nil || string(data) != "a: 1\n" {
		t.Errorf("a file: %q, %v", data, err)
	}
}
