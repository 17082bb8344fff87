package image

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
)

// ErrAgent is returned where the agent's binary cannot run in a region.
var ErrAgent = errors.New("the agent's binary cannot run in a region")

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// CheckProgram looks whether the binary can run in an image of the engine's
// architecture: Linux, that machine, and its libraries, if any, to be had here.
func CheckProgram(ctx context.Context, path, arch string) error {
	mend := fmt.Sprintf("build a static one for linux/%s with \"make agent\"", arch)
	if path == "" {
		return fmt.Errorf("%w: none was given; %s", ErrAgent, mend)
	}
	f, err := elf.Open(path)
	if err != nil {
		var format *elf.FormatError
		if errors.As(err, &format) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %s is not a Linux program; %s", ErrAgent, path, mend)
		}
		return fmt.Errorf("%w: %w; %s", ErrAgent, err, mend)
	}
	defer f.Close()
	if want, known := machines[arch]; known && f.Machine != want {
		return fmt.Errorf("%w: %s is for %s and the engine runs %s; %s", ErrAgent, path, f.Machine, want, mend)
	}
	if f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return fmt.Errorf("%w: %s is an %s file, not a program; %s", ErrAgent, path, f.Type, mend)
	}
	if _, _, err := binary.Libraries(ctx, path); err != nil {
		return fmt.Errorf("%w: %s: %w; %s", ErrAgent, path, err, mend)
	}
	return nil
}
