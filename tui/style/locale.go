package style

import "strings"

// ASCIIOnly reports whether a terminal is to be drawn on with ASCII alone, by its environment:
// its kind is "dumb", or the locale's characters are not UTF-8. The locale is what LC_ALL
// says, else LC_CTYPE, else LANG, of which one that is empty says nothing; without any it is
// C (POSIX.1-2024, XBD 8.2), as for curses.
func ASCIIOnly(environ []string) bool {
	values := map[string]string{}
	for _, kv := range environ {
		if name, value, found := strings.Cut(kv, "="); found {
			values[name] = value // the last one counts, as in os.Getenv's map
		}
	}
	if values["TERM"] == "dumb" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := values[name]; locale != "" {
			locale = strings.ToLower(locale)
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return true
}

// ToASCII is a text with the signs that are drawn with as their ASCII stand-ins, and "?" for
// each other character that is none of ASCII.
func ToASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if p, known := Plain(r); known {
			return rune(p)
		}
		if r > '~' {
			return '?'
		}
		return r
	}, text)
}
