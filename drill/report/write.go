package report

import (
	"io"

	"github.com/fleetdrill/fleetdrill/drill/report/file"
)

// FileName is the name of the report in its folder.
const FileName = "report.json"

// Encode writes the report as JSON, indented, with a line feed at the end.
func (r Report) Encode(w io.Writer) error { return file.JSON(w, r) }

// WriteJSON writes report.json into a folder, which it makes where it is
// missing. A report that is there is replaced at once or not at all.
func (r Report) WriteJSON(dir string) error { return file.Write(dir, FileName, r.Encode) }
