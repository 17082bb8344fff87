package authority

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An authority is the same after a restart, its key is its owner's alone, and a file that is none is said to be none.
func TestAnAuthorityIsKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "identity")
	first, err := Open(folder, "us-east.duo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(folder, "us-east.duo", time.Now())
	if err != nil || again.Key() != first.Key() || !bytes.Equal(again.Certificate(), first.Certificate()) {
		t.Errorf("another authority after a restart: %v", err)
	}
	other, err := Open(folder, "eu-west.duo", time.Now())
	if err != nil || other.Key() == first.Key() {
		t.Errorf("two domains have one key: %v", err)
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s is %s, want %s", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "us-east.duo.pem"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(folder, "us-east.duo", time.Now()); err == nil {
		t.Error("a file without a key was taken for an authority")
	}
}

// What is asked for is signed only for whom the signer knows to ask, and only in its own domain.
func TestOnlyItsOwnDomainIsSigned(t *testing.T) {
	a, err := New("us-east.duo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Sign([]byte("none"), "spiffe://us-east.duo/x", time.Hour, time.Now()); err == nil {
		t.Error("something that is no request was signed")
	}
}
