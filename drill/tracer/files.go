package tracer

import (
	"os"
	"path/filepath"
)

// files is a file, or those of a folder: a replica that cut more than once has several.
func files(path string) []string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil
	case !info.IsDir():
		return []string{path}
	}
	all, _ := filepath.Glob(filepath.Join(path, "*.jsonl")) // the pattern is right
	return all
}
