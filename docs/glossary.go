// Package docs has the glossary inside the program, so that what the screen says of a word
// is what the page says.
package docs

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed glossary.md
var page string

// Entry is one thing that the glossary defines: the words for it, the first of which is its
// name, and what they mean, in plain sentences without the names of functions and events.
type Entry struct {
	Words   []string
	Meaning string
}

// Glossary is every entry in the order of the page.
func Glossary() []Entry { return entries() }

// Define is the entry of a word, in any case; false where the glossary has none.
func Define(word string) (Entry, bool) {
	for _, e := range Glossary() {
		if slices.ContainsFunc(e.Words, func(w string) bool { return strings.EqualFold(w, word) }) {
			return e, true
		}
	}
	return Entry{}, false
}

var entries = sync.OnceValue(func() []Entry {
	var all []Entry
	for _, item := range strings.Split("\n"+page, "\n- ")[1:] {
		item, _, _ = strings.Cut(item, "\n\n") // a heading ends the last item of its list
		all = append(all, definitions(strings.Join(strings.Fields(item), " "))...)
	}
	return all
})

// head is the bold words that begin a definition: "**kill**, **freeze** — ", or one word in
// bold that a sentence begins with.
var head = regexp.MustCompile(`(^|\. )(\*\*[^*]+\*\*(?:, \*\*[^*]+\*\*)*)( — )?`)

// bold is one of them.
var bold = regexp.MustCompile(`\*\*([^*]+)\*\*`)

// definitions is what an item of the page defines: its own words, and those that later
// sentences of it begin with.
func definitions(item string) []Entry {
	var all []Entry
	at := head.FindAllStringSubmatchIndex(item, -1)
	for i, m := range at {
		end := len(item)
		if i+1 < len(at) {
			end = at[i+1][0] + 1 // with the full stop of the sentence before
		}
		begin := m[4] // a sentence that only begins with the word says it again
		if m[6] >= 0 {
			begin = m[7]
		}
		e := Entry{Meaning: plain(item[begin:end])}
		for _, word := range bold.FindAllStringSubmatch(item[m[4]:m[5]], -1) {
			e.Words = append(e.Words, word[1])
		}
		all = append(all, e)
	}
	return all
}

// code is a parenthesis or a clause that names code; link is a link of the page.
var (
	code = regexp.MustCompile(" ?\\([^()]*`[^()]*\\)|[;:] [^;:]*`[^;:]*")
	link = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
)

// plain is a definition for whoever does not read code: without the page's signs, and
// without what names a function, an event or a key of a file.
func plain(text string) string {
	text = link.ReplaceAllString(strings.ReplaceAll(text, "**", ""), "$1")
	var kept []string
	for i, sentence := range strings.Split(text, ". ") {
		if i == 0 {
			sentence = strings.ReplaceAll(code.ReplaceAllString(sentence, ""), "`", "")
		}
		if !strings.Contains(sentence, "`") {
			kept = append(kept, strings.TrimSuffix(sentence, "."))
		}
	}
	return strings.Join(kept, ". ") + "."
}
