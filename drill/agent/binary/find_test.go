package binary

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/build"
)

// script is a program that prints a line for --version.
func script(t *testing.T, path, prints string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho '"+prints+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFindTakesTheFirst(t *testing.T) {
	dir := t.TempDir()
	self := script(t, filepath.Join(dir, "fleetdrill"), "fleetdrill version one")
	flag := script(t, filepath.Join(dir, "flag"), "fleetdrill-agent one")
	variable := script(t, filepath.Join(dir, "variable"), "fleetdrill version one")
	beside := filepath.Join(dir, "fleetdrill-agent")
	link := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		flag, variable string
		beside, inside bool
		want           Source
	}{
		{"the flag before all", flag, variable, true, true, FromFlag},
		{"the variable before what is beside", "", variable, true, true, FromVariable},
		{"beside before embedded", "", "", true, true, Beside},
		{"embedded before itself", "", "", false, true, Embedded},
		{"itself last", "", "", false, false, Itself},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_ = os.Remove(beside)
			if tt.beside {
				script(t, beside, "fleetdrill-agent one")
			}
			defer func(was []byte) { embedded = was }(embedded)
			if embedded = nil; tt.inside {
				embedded = compressed(t, "#!/bin/sh\necho fleetdrill-agent one\n")
			}
			got, err := Find(t.Context(), Search{
				OS: runtime.GOOS, Arch: runtime.GOARCH, Build: "one", Self: link,
				Flag: tt.flag, Variable: tt.variable, Cache: filepath.Join(dir, "agents"),
			})
			if runtime.GOOS != "linux" && tt.want == Embedded {
				tt.want = Itself // what is embedded runs on Linux
			}
			if err != nil || got.Source != tt.want {
				t.Fatalf("%v, %v; want %s", got, err, tt.want)
			}
			if b, err := Build(t.Context(), got.Path); err != nil || b != "one" {
				t.Errorf("it does not run: %q, %v", b, err)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	dir := t.TempDir()
	self := script(t, filepath.Join(dir, "alone", "fleetdrill"), "")
	other := script(t, filepath.Join(dir, "other"), "fleetdrill-agent two")
	stranger := script(t, filepath.Join(dir, "stranger"), "hello there")
	near := script(t, filepath.Join(dir, "near", "fleetdrill"), "")
	script(t, filepath.Join(dir, "near", "fleetdrill-agent"), "fleetdrill-agent two")
	defer func(was []byte) { embedded = was }(embedded)
	embedded = nil
	tests := []struct {
		name   string
		search Search
		is     error
		says   string
	}{
		{"another build by the variable", Search{OS: runtime.GOOS, Self: self, Variable: other}, build.ErrOther, "two"},
		{"another build beside", Search{OS: runtime.GOOS, Self: near}, build.ErrOther, "beside"},
		{"a program that is no agent", Search{OS: runtime.GOOS, Self: self, Flag: stranger}, nil, "hello there"},
		{"a file that is not there", Search{OS: runtime.GOOS, Self: self, Variable: filepath.Join(dir, "none")}, os.ErrNotExist, "$FLEETDRILL_AGENT"},
		{"no agent for that system", Search{OS: "plan9", Self: self}, ErrNone, "fleetdrill-agent-plan9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.search.Arch, tt.search.Build = runtime.GOARCH, "one"
			got, err := Find(t.Context(), tt.search)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "make build") {
				t.Errorf("%v, %v; want %v with %q and what to do", got, err, tt.is, tt.says)
			}
		})
	}
}

func TestUnpackTwice(t *testing.T) {
	dir := t.TempDir()
	one, err := unpack(compressed(t, "one"), dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := unpack(compressed(t, "one"), dir)
	other, failed := unpack(compressed(t, "two"), dir)
	if err != nil || failed != nil || again != one || other == one {
		t.Errorf("%s, %s, %s, %v, %v", one, again, other, err, failed)
	}
	if _, err := unpack([]byte("not compressed"), dir); err == nil {
		t.Error("took what is not compressed")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".part-*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}
