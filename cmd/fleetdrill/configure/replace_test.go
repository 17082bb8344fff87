package configure

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A settings file that is a link stays one, and what it leads to is changed, also through links in a
// row, and where nothing is there yet; its permissions stay.
func TestReplaceThroughALink(t *testing.T) {
	for _, there := range []bool{true, false} {
		dir := t.TempDir()
		kept, linked := filepath.Join(dir, "dotfiles", "fleetdrill.yaml"), filepath.Join(dir, "config", "config.yaml")
		for _, d := range []string{kept, linked} {
			if err := os.Mkdir(filepath.Dir(d), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if there {
			if err := os.WriteFile(kept, []byte("theme: dark\n"), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("../dotfiles/fleetdrill.yaml", filepath.Join(dir, "config", "between")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("between", linked); err != nil {
			t.Fatal(err)
		}
		if err := replace(linked, []byte("theme: light\n")); err != nil {
			t.Fatal(err)
		}
		if to, err := os.Readlink(linked); err != nil || to != "between" {
			t.Errorf("the link leads to %q, %v", to, err)
		}
		if text, err := os.ReadFile(kept); err != nil || string(text) != "theme: light\n" {
			t.Errorf("what it leads to is %q, %v", text, err)
		}
		want := os.FileMode(0o600)
		if there {
			want = 0o640
		}
		if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != want {
			t.Errorf("its permissions are %v, %v", info.Mode(), err)
		}
		for _, d := range []string{"dotfiles", "config"} {
			if left, _ := filepath.Glob(filepath.Join(dir, d, ".config-*")); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		}
	}
}

// A link that leads to itself is refused, and stays.
func TestReplaceThroughALoop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink("config.yaml", path); err != nil {
		t.Fatal(err)
	}
	if err := replace(path, []byte("x")); err == nil || !strings.Contains(err.Error(), "leads to no file") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Readlink(path); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
}

// What can't be written leaves what is there.
func TestReplaceInAFolderThatTakesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.Mkdir(path, 0o700); err != nil { // a rename onto a folder fails
		t.Fatal(err)
	}
	if err := replace(path, []byte("x")); err == nil {
		t.Error("a folder was written over")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".config-*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A file is made once, also where a link leads to what is not there yet.
func TestCreateThroughALink(t *testing.T) {
	dir := t.TempDir()
	kept, linked := filepath.Join(dir, "dotfiles", "config.yaml"), filepath.Join(dir, "config.yaml")
	if err := os.Symlink(kept, linked); err != nil {
		t.Fatal(err)
	}
	if err := create(linked, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != "x" {
		t.Errorf("it is %q, %v", text, err)
	}
	if err := create(linked, []byte("y")); !errors.Is(err, os.ErrExist) {
		t.Errorf("made again: %v", err)
	}
}
