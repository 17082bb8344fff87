package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// wanted is what has to be there: the engine's row has it, since others look for it too.
var wanted = func() store.Server {
	engine, _ := store.EngineOf(store.EnginePostgres)
	return *engine.Server
}()

// ErrNoPrograms: there is no PostgreSQL on this machine that the engine can use.
var ErrNoPrograms = errors.New("no PostgreSQL 15 or later with initdb, postgres, pg_basebackup and pg_rewind was found; " +
	"install it: apt-get install postgresql (Debian, Ubuntu), dnf install postgresql-server postgresql-contrib (Fedora), " +
	"brew install postgresql@17 (macOS), or name its folder")

// Programs are what the engine runs, in one folder, since they must be of one version.
type Programs struct{ dir string }

func (p Programs) path(name string) string { return filepath.Join(p.dir, name) }

// FindPrograms looks in the folder that was named, else on the PATH and where
// distributions and Homebrew put them. ErrNoPrograms.
func FindPrograms(ctx context.Context, named string) (Programs, error) {
	dirs := []string{named}
	if named == "" {
		dirs = filepath.SplitList(os.Getenv("PATH"))
		for _, pattern := range wanted.Places {
			found, _ := filepath.Glob(pattern) // fails for a bad pattern only
			dirs = append(dirs, found...)
		}
	}
	var problems []string
	for _, dir := range dirs {
		err := usable(ctx, dir)
		if err == nil {
			return Programs{dir}, nil
		}
		if !errors.Is(err, os.ErrNotExist) || named != "" {
			problems = append(problems, err.Error())
		}
	}
	if len(problems) > 0 {
		return Programs{}, fmt.Errorf("%w (%s)", ErrNoPrograms, strings.Join(problems, "; "))
	}
	return Programs{}, ErrNoPrograms
}

var number = regexp.MustCompile(`[0-9]+`)

// usable says what is wrong with the PostgreSQL in a folder; os.ErrNotExist if there is none.
func usable(ctx context.Context, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, wanted.Program)); err != nil {
		return fmt.Errorf("%s: %w", dir, os.ErrNotExist)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, wanted.Program), "--version").Output()
	if err != nil {
		return fmt.Errorf("%s: postgres --version: %w", dir, err)
	}
	if major, _ := strconv.Atoi(number.FindString(string(out))); major < wanted.Oldest {
		return fmt.Errorf("%s: %s is older than %d", dir, strings.TrimSpace(string(out)), wanted.Oldest)
	}
	for _, name := range wanted.Tools {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s lacks %s", dir, name)
		}
	}
	return nil
}
