package compared

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"

	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/report/drawing"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.Must(drawing.Templates()).New("page").Parse(page))

// HTML writes a comparison as one page that needs nothing else: no script, no font, no picture of another file.
func HTML(w io.Writer, d Document) error {
	type column struct{ Label, Journal string }
	var data struct {
		Heading  string
		Question string
		Columns  []column
		Rows     []comparison.Row
		Findings []string
		Remarks  []string
		Differs  string
		Linked   bool
		Pictures []drawing.Picture
	}
	data.Heading, data.Question = d.heading(), d.Question
	data.Rows, data.Findings, data.Remarks, data.Differs, data.Linked = d.Rows, d.Findings, d.Remarks(), d.differs(), d.linked()
	for i, r := range d.Runs {
		c := column{Label: r.Label}
		if path := d.journal(i); path != "" {
			c.Journal = (&url.URL{Path: path}).String()
		}
		data.Columns = append(data.Columns, c)
	}
	for _, p := range d.Pictures() {
		data.Pictures = append(data.Pictures, drawing.Of(p))
	}
	if err := pageTemplate.Execute(w, data); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}
