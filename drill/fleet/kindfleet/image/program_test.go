package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program is the head of an ELF file with one program header.
func program(t *testing.T, machine elf.Machine, kind elf.Type, segment elf.ProgType) string {
	t.Helper()
	var b bytes.Buffer
	h := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(kind), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT),
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1, Shentsize: 64,
	}
	for _, part := range []any{h, elf.Prog64{Type: uint32(segment)}} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return file(t, b.Bytes())
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCheckAgent(t *testing.T) {
	tests := []struct {
		name, path, arch string
		want             string // in the error; "" for none
	}{
		{"static", program(t, elf.EM_X86_64, elf.ET_EXEC, elf.PT_LOAD), "amd64", ""},
		{"static, position independent", program(t, elf.EM_AARCH64, elf.ET_DYN, elf.PT_LOAD), "arm64", ""},
		{"an architecture without a name here is the engine's to judge", program(t, elf.EM_RISCV, elf.ET_EXEC, elf.PT_LOAD), "riscv64", ""},
		{"dynamic", program(t, elf.EM_X86_64, elf.ET_EXEC, elf.PT_INTERP), "amd64", "dynamically linked"},
		{"another machine's", program(t, elf.EM_X86_64, elf.ET_EXEC, elf.PT_LOAD), "arm64", "EM_AARCH64"},
		{"an object file", program(t, elf.EM_X86_64, elf.ET_REL, elf.PT_LOAD), "amd64", "not a program"},
		{"a script", file(t, []byte("#!/bin/sh\necho no\n")), "amd64", "not a Linux program"},
		{"empty", file(t, nil), "amd64", "not a Linux program"},
		{"missing", filepath.Join(t.TempDir(), "none"), "amd64", "no such file"},
		{"not given", "", "amd64", "none was given"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckProgram(t.Context(), tt.path, tt.arch)
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if !errors.Is(err, ErrAgent) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "make agent") {
				t.Errorf("error %v; want ErrAgent with %q and what to do", err, tt.want)
			}
		})
	}
}
