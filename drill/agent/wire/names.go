package wire

import "fmt"

// maxID bounds a write's id, in bytes.
const maxID = 128

// CheckName refuses what cannot be a region's or a dataset's name: names are
// path segments, folder names and Kubernetes labels, so they are lower-case
// letters, digits and inner hyphens, at most 63 (RFC 1123). kind is what to call it.
func CheckName(kind, name string) error {
	ok := len(name) > 0 && len(name) <= 63 && name[0] != '-' && name[len(name)-1] != '-'
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
	}
	if !ok {
		return fmt.Errorf("%s name %.70q is not 1 to 63 lower-case letters, digits and inner hyphens: %w", kind, name, ErrBad)
	}
	return nil
}

// CheckID refuses what cannot be a write's id: 1 to 128 letters, digits and . _ : ~ -, and
// not one that a path would swallow.
func CheckID(id string) error {
	ok := len(id) > 0 && len(id) <= maxID && id != "." && id != ".."
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '.' || c == '_' || c == ':' || c == '~' || c == '-'
	}
	if !ok {
		return fmt.Errorf("id %.140q is not 1 to %d letters, digits and . _ : ~ -: %w", id, maxID, ErrBad)
	}
	return nil
}
