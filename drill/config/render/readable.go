package render

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// line finds where the library says that a file is wrong.
var line = regexp.MustCompile(`line (\d+): (.*)`)

// Readable refuses the first file, by its path, that is no YAML.
func Readable(files map[string][]byte) error {
	var names []string
	for name := range files {
		in := strings.HasPrefix(name, Base+"/") || strings.HasPrefix(name, Overlays+"/")
		if ext := path.Ext(name); in && (ext == ".yaml" || ext == ".yml") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		docs := yaml.NewDecoder(bytes.NewReader(files[name]))
		for {
			var doc yaml.Node
			err := docs.Decode(&doc)
			if err == nil {
				continue
			}
			if m := line.FindStringSubmatch(err.Error()); m != nil {
				return fmt.Errorf("%w: %s:%s: this is not YAML: %s", ErrBroken, name, m[1], m[2])
			}
			if err.Error() != "EOF" {
				return fmt.Errorf("%w: %s: this is not YAML: %s", ErrBroken, name, strings.TrimPrefix(err.Error(), "yaml: "))
			}
			break
		}
	}
	return nil
}
