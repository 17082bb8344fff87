package fleet

import "testing"

func TestAPathIsOneWordOfAShell(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b-1.jsonl":  "/a/b-1.jsonl",
		"/a b/$c.jsonl": "'/a b/$c.jsonl'",
		"it's":          `'it'\''s'`,
	} {
		if got := Quoted(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
