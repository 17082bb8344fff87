package binary

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compiled builds a dynamically linked program. It skips the test where that can't be.
func compiled(t *testing.T) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("SKIPPED: no C compiler (cc)")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "main.c")
	if err := os.WriteFile(source, []byte("#include <math.h>\n#include <stdio.h>\nint main(int n, char **a) { printf(\"%.0f %s\\n\", cbrt(n * 27.0), a[0]); return 0; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	if out, err := exec.Command(cc, "-O0", "-o", program, source, "-lm").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: cc: %v\n%s", err, out)
	}
	if interpreter, _, err := inspect(program); err != nil || interpreter == "" {
		t.Skipf("SKIPPED: cc makes no dynamically linked ELF program here (%v)", err)
	}
	return program
}

// What is packed must run with nothing of this machine but the kernel: the loader
// is told not to look at its cache.
func TestPackRunsByItself(t *testing.T) {
	p, err := Pack(t.Context(), compiled(t))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range p.Files {
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	args := slices.Clone(p.Entrypoint)
	for i, a := range args {
		if strings.HasPrefix(a, "/") {
			args[i] = root + a
		}
	}
	out, err := exec.Command(args[0], append([]string{"--inhibit-cache"}, args[1:]...)...).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "3 ") {
		t.Errorf("%q: %v: %s", args, err, out)
	}
}

func TestLibrariesAreComplete(t *testing.T) {
	program := compiled(t)
	interpreter, libraries, err := Libraries(t.Context(), program)
	if err != nil || !filepath.IsAbs(interpreter) {
		t.Fatalf("%s, %v", interpreter, err)
	}
	files := append(slices.Collect(maps.Values(libraries)), program)
	for _, file := range files {
		_, needed, err := inspect(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range needed {
			if libraries[name] == "" && name != filepath.Base(interpreter) {
				t.Errorf("%s needs %s, which is not among %v", file, name, libraries)
			}
		}
	}
	if len(libraries) < 1 {
		t.Errorf("libraries %v", libraries)
	}
}

func TestPackStatic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(path, []byte("no ELF file"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Pack(t.Context(), path)
	if err != nil || len(p.Files) != 1 || !slices.Equal(p.Entrypoint, []string{"/fleetdrill-agent"}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := Pack(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestParseList(t *testing.T) {
	got := parseList([]byte("\tlinux-vdso.so.1 (0x00007ffd)\n\tlibresolv.so.2 => /lib/x86_64-linux-gnu/libresolv.so.2 (0x00007f1c)\n" +
		"\tlibgone.so.1 => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f1d)\n"))
	if len(got) != 1 || got["libresolv.so.2"] != "/lib/x86_64-linux-gnu/libresolv.so.2" {
		t.Errorf("%v", got)
	}
	musl := parseList([]byte("\t/lib/ld-musl-x86_64.so.1 (0x7f)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f)\n"))
	if musl["libc.musl-x86_64.so.1"] != "/lib/ld-musl-x86_64.so.1" {
		t.Errorf("%v", musl)
	}
}
