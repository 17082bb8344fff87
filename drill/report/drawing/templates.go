package drawing

import (
	_ "embed"
	"html/template"
)

//go:embed drawing.html
var templates string

// Templates are what pages draw with: "style" is the rules of a page and its drawings, "picture" draws
// a Picture, "load" a Load and "bars" Bars.
func Templates() (*template.Template, error) { return template.New("drawing").Parse(templates) }
