package record

import (
	"os"
	"testing"
)

func TestAClaim(t *testing.T) {
	var c Claim
	if c.Begin(); !c.LeftAlone() || c.Failed() || c.File() != nil {
		t.Fatal("a fleet without a record is this process's")
	}
	if c.Leave() != nil || c.Remove() != nil {
		t.Fatal("what is not claimed can't be given up")
	}
	state := t.TempDir()
	made := create(t, state, "demo")
	if err := made.Lock(); err != nil {
		t.Fatal(err)
	}
	c.Take(made, false)
	if c.Begin(); c.LeftAlone() || c.Failed() || c.LeftAlone() {
		t.Error("an Up that failed on what this process made is not to take it down")
	}
	if err := c.Leave(); err != nil || c.File() != nil {
		t.Fatalf("left: %v", err)
	}
	joined, err := Open(state, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := joined.Lock(); err != nil || !joined.Get().Stays {
		t.Fatalf("joined: %v; it says that it stays: %t", err, joined.Get().Stays)
	}
	c.Take(joined, true)
	if !c.Failed() || !c.LeftAlone() {
		t.Error("an Up that failed on what somebody left is to take it down")
	}
	c.Take(joined, true)
	c.Begin()
	if err := c.Remove(); err != nil || c.File() != nil || c.Failed() {
		t.Errorf("removed: %v", err)
	}
	if _, err := os.Stat(joined.Dir()); err == nil {
		t.Error("the record is there")
	}
}

// A record that can't be deleted is this process's still, so that it can try again.
func TestAClaimOutlivesAFailedRemoval(t *testing.T) {
	var c Claim
	file := create(t, t.TempDir(), "demo")
	if err := file.Lock(); err != nil {
		t.Fatal(err)
	}
	c.Take(file, false)
	aside := file.Dir() + "-aside"
	if err := os.Rename(file.Dir(), aside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(aside, file.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(); err == nil || c.File() == nil {
		t.Fatalf("error %v; it is claimed: %t", err, c.File() != nil)
	}
	if err := os.Remove(file.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, file.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(); err != nil || c.File() != nil {
		t.Errorf("again: %v", err)
	}
}
