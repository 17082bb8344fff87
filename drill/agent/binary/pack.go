package binary

import (
	"bufio"
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Where the files lie in an image. The libraries have a folder of their own, which
// only this program's loader is pointed at, so that an image with libraries of its
// own (PostgreSQL's) keeps them.
const (
	programName = "fleetdrill-agent"
	libraryDir  = "fleetdrill-lib"
)

// listWithin bounds the loader's list of a program's libraries: it maps some files.
const listWithin = 10 * time.Second

// ErrLibraries is returned for a dynamically linked program whose loader or libraries
// are not on this machine.
var ErrLibraries = errors.New("it is dynamically linked and its libraries are not found here")

// File is one file of an image, by its path without the leading slash.
type File struct {
	Name    string
	Content []byte
}

// Packed is an agent as an image has it.
type Packed struct {
	Files      []File // the program first
	Entrypoint []string
}

// Pack reads a program and, where it is dynamically linked (a cgo build), its ELF
// interpreter and every library that this machine's loader would give it.
func Pack(ctx context.Context, program string) (Packed, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return Packed{}, err
	}
	p := Packed{Files: []File{{programName, content}}, Entrypoint: []string{"/" + programName}}
	interpreter, libraries, err := Libraries(ctx, program)
	if err != nil || interpreter == "" {
		return p, err
	}
	loader := path.Join(libraryDir, path.Base(interpreter))
	from := map[string]string{loader: interpreter}
	for name, file := range libraries {
		from[path.Join(libraryDir, name)] = file
	}
	for name, file := range from {
		content, err := os.ReadFile(file)
		if err != nil {
			return Packed{}, fmt.Errorf("pack %s: %w", program, err)
		}
		p.Files = append(p.Files, File{name, content})
	}
	slices.SortFunc(p.Files[1:], func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	p.Entrypoint = []string{"/" + loader, "--library-path", "/" + libraryDir, "/" + programName}
	return p, nil
}

// Libraries is the interpreter that an ELF program asks for (PT_INTERP), "" for a
// static one, and each library that it and its libraries need (DT_NEEDED) with the
// file in which this machine's loader finds it. What is no ELF file needs none.
func Libraries(ctx context.Context, program string) (interpreter string, libraries map[string]string, err error) {
	interpreter, needed, err := inspect(program)
	if err != nil || interpreter == "" {
		return "", nil, err
	}
	found, err := listed(ctx, interpreter, program)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrLibraries, err)
	}
	libraries = map[string]string{}
	for len(needed) > 0 {
		name := needed[0]
		needed = needed[1:]
		if name == filepath.Base(interpreter) || libraries[name] != "" {
			continue
		}
		file, ok := found[name]
		if !ok {
			return "", nil, fmt.Errorf("%w: %s", ErrLibraries, name)
		}
		libraries[name] = file
		_, more, err := inspect(file)
		if err != nil {
			return "", nil, fmt.Errorf("%w: %w", ErrLibraries, err)
		}
		needed = append(needed, more...)
	}
	return interpreter, libraries, nil
}

// inspect reads the interpreter and the needed libraries of one ELF file.
func inspect(file string) (interpreter string, needed []string, err error) {
	f, err := elf.Open(file)
	var format *elf.FormatError
	if errors.As(err, &format) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
		if err != nil {
			return "", nil, fmt.Errorf("read the interpreter of %s: %w", file, err)
		}
		if interpreter = strings.TrimRight(string(text), "\x00"); interpreter == "" {
			return "", nil, fmt.Errorf("%w: %s names no interpreter", ErrLibraries, file)
		}
	}
	needed, err = f.ImportedLibraries()
	if err != nil {
		return "", nil, fmt.Errorf("read the libraries of %s: %w", file, err)
	}
	return interpreter, needed, nil
}

// listed asks the loader itself where it finds a program's libraries, since only it
// knows its cache, its search path and the processor's variants. It does not run
// the program. Both glibc's and musl's answer --list.
func listed(ctx context.Context, interpreter, program string) (map[string]string, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, "--list", program)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s --list: %w", interpreter, err)
	}
	return parseList(out), nil
}

// parseList reads lines of the form "libc.so.6 => /lib/libc.so.6 (0x7f…)". Others
// are of the loader and of the kernel, or of a library that is not found.
func parseList(out []byte) map[string]string {
	found := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, where, is := strings.Cut(strings.TrimSpace(lines.Text()), " => ")
		if file, _, mapped := strings.Cut(where, " ("); is && mapped && filepath.IsAbs(file) {
			found[name] = file
		}
	}
	return found
}
