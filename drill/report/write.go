package report

import (
	"io"

	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// FileName is the name of the report in its folder.
const FileName = "report.json"

// Encode writes the report as JSON, indented, with a line feed at the end.
func (r Report) Encode(w io.Writer) error { return file.JSON(w, r) }
