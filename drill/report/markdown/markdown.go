// Package markdown writes text, tables and pictures as GitHub's Markdown, of which foreign text stays text.
package markdown

import (
	"regexp"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

var special = strings.NewReplacer("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "~", "\\~", "&", "&amp;", "<", "&lt;")

// Escaped is a text of which Markdown makes nothing but that text, in the middle of a line.
func Escaped(s string) string { return special.Replace(clean.Text(s)) }

// leads is what makes a heading, a quote, a list or a rule of a line that begins with it.
var leads = regexp.MustCompile(`^\s*([#>+=-]|[0-9]{1,9}[.)])`)

// Paragraph is Escaped for a line of its own.
func Paragraph(s string) string {
	s = strings.TrimSpace(Escaped(s))
	m := leads.FindStringSubmatchIndex(s)
	if m == nil {
		return s
	}
	at := m[3] - 1 // the last of what leads: the sign, or what follows a number
	return s[:at] + "\\" + s[at:]
}

// Table writes a table; its head is escaped, and so are its cells.
func Table(b *strings.Builder, head []string, rows [][]string) {
	row(b, escaped(head))
	row(b, rule(len(head)))
	for _, cells := range rows {
		row(b, escaped(cells))
	}
}

// Linked is Table with a head that is Markdown already.
func Linked(b *strings.Builder, head []string, rows [][]string) {
	row(b, head)
	row(b, rule(len(head)))
	for _, cells := range rows {
		row(b, escaped(cells))
	}
}

// Code is a text of several lines, as it is.
func Code(b *strings.Builder, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	b.WriteString(fence + "\n" + strings.TrimRight(clean.Lines(text), "\n") + "\n" + fence + "\n")
}

func row(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func escaped(texts []string) []string {
	all := make([]string, len(texts))
	for i, s := range texts {
		all[i] = Escaped(s)
	}
	return all
}

func rule(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "---"
	}
	return all
}
