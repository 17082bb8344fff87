package single

import "io"

// JSON writes a report for programs.
func JSON(w io.Writer, d Document) error { return d.Encode(w) }
