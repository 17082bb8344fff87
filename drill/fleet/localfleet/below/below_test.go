package below

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyAFolderThatNothingIsInIsUnused(t *testing.T) {
	folder := t.TempDir()
	if !unused(folder) {
		t.Error("a folder that was just made counts as used")
	}
	if unused(filepath.Join(folder, "gone")) {
		t.Error("a folder that is not there counts as unused: nobody knows what was in it")
	}
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if unused(folder) {
		t.Error("a folder with something in it counts as unused: what a region left there would stay")
	}
}
