package repository

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhereTellsNoSecret: a repository is told by an absolute path, or by its URL without what lets people in.
func TestWhereTellsNoSecret(t *testing.T) {
	if at := opened("some/folder.git", "", "", nil).Where(); !filepath.IsAbs(at) {
		t.Errorf("a folder is told as %s", at)
	}
	for url, want := range map[string]string{
		"https://user:token@example.com/fleet.git": "https://example.com/fleet.git",
		"https://token@example.com/fleet.git":      "https://example.com/fleet.git",
		"https://example.com/fleet.git":            "https://example.com/fleet.git",
		"ssh://git@example.com/fleet.git":          "ssh://git@example.com/fleet.git",
		"git@example.com:fleet.git":                "git@example.com:fleet.git",
	} {
		if got := opened("folder", "", url, nil).Where(); got != want {
			t.Errorf("%s is told as %s", url, got)
		}
	}
}

// TestAHostsErrorIsALine: what another host says goes into journals and onto screens, and its URL's password into neither.
func TestAHostsErrorIsALine(t *testing.T) {
	const url = "https://user:token@example.com/fleet.git"
	said := errors.New(url + ": malformed zero-id ref ( refs/heads/main\x00multi_ack\x1b[2J)")
	err := opened("folder", "folder", url, nil).away("push to ", said)
	if !errors.Is(err, ErrAway) || !errors.Is(err, said) {
		t.Errorf("%v: it has to be an error of a repository that is away, and the host's", err)
	}
	if text := err.Error(); strings.ContainsAny(text, "\x00\x1b") || strings.Contains(text, "token") || !strings.Contains(text, "push to https://example.com/fleet.git") {
		t.Errorf("%q", text)
	}
}
