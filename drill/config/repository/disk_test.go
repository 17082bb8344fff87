package repository

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// withOneCommit is a new repository with one commit, in a folder of its own.
func withOneCommit(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "config.git")
	repo, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Commit(t.Context(), change("a")); err != nil {
		t.Fatal(err)
	}
	return path
}

func change(content string) Change {
	return Change{Subject: "Say " + content, Author: "Ada", At: time.Unix(1_700_000_000, 0), Files: map[string][]byte{"file": []byte(content)}}
}

// A pipe in place of one of a repository's files keeps nobody waiting: opening it, reading it or committing to it says which it is.
func TestAPipeKeepsNobodyWaiting(t *testing.T) {
	for name, refused := range map[string]bool{"HEAD": true, "config": true, "packed-refs": true, "refs/heads/main": true, "refs/heads/other": false} {
		t.Run(name, func(t *testing.T) {
			path := withOneCommit(t)
			file := filepath.Join(path, filepath.FromSlash(name))
			if name == "packed-refs" { // is read where the branch is nowhere else
				if err := os.Rename(filepath.Join(path, "refs/heads/main"), file); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(file, 0o600); err != nil {
				t.Skip("SKIPPED: no pipe can be made here:", err)
			}
			done := make(chan error, 1)
			go func() {
				repo, err := Open(path)
				if err == nil {
					_, err = repo.Commit(context.Background(), change("b"))
				}
				done <- err
			}()
			select {
			case err := <-done:
				if says := name + " is no regular file"; refused && (err == nil || !strings.Contains(err.Error(), says)) || !refused && err != nil {
					t.Errorf("a pipe is told as %v", err)
				}
			case <-time.After(10 * time.Second): // less than a commit may take
				t.Error("somebody waits for one who writes to the pipe")
			}
		})
	}
}

// A commit is told of before anybody can read it here, and one that does not come to it is not.
func TestACommitIsToldOfBeforeItIsRead(t *testing.T) {
	repo, err := Open(withOneCommit(t))
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan config.Revision)
	var told []config.Revision
	repo.Made = func(v config.Revision) {
		go func() {
			head, err := repo.Head(context.Background())
			if err != nil {
				t.Error(err)
			}
			read <- head
		}()
		select {
		case <-read:
			t.Error("the commit was read before it was told of")
		case <-time.After(10 * time.Millisecond): // a reader waits for its turn; one that does not is through long before
		}
		told = append(told, v)
	}
	made, err := repo.Commit(t.Context(), change("b"))
	if err != nil {
		t.Fatal(err)
	}
	if head := <-read; head != made || len(told) != 1 || told[0] != made {
		t.Errorf("made %+v, read %+v, told %+v", made, head, told)
	}
	if _, err := repo.Commit(t.Context(), change("b")); !errors.Is(err, ErrNothing) || len(told) != 1 {
		t.Errorf("of nothing: %v, told %+v", err, told)
	}
}
