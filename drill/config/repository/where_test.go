package repository

import (
	"path/filepath"
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
