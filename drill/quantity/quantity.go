// Package quantity reads numbers with units as people write them, in files, on the command line and in the screen's forms.
// Bounds are the reader's own.
package quantity

import (
	"regexp"
	"strconv"
	"strings"
)

// Units are a unit's name and how many of the smallest it is.
type Units map[string]float64

var (
	// Bytes are IEC units by 1024 and SI units by 1000.
	Bytes = Units{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1e3, "MB": 1e6, "GB": 1e9}
	// Bits are bits per second, by 1000.
	Bits = Units{"bps": 1, "kbps": 1e3, "Mbps": 1e6, "Gbps": 1e9}
)

var (
	decimalForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	unitForm    = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)$`)
)

// Decimal is a number without an exponent; false where the text is none.
func Decimal(text string) (float64, bool) {
	if !decimalForm.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// In is a number with one of the units, in the smallest of them: "5Mbps" or "5 Mbps". False where the text is none.
func In(units Units, text string) (float64, bool) {
	m := unitForm.FindStringSubmatch(text)
	if m == nil || units[m[2]] == 0 {
		return 0, false
	}
	f, is := Decimal(m[1])
	return f * units[m[2]], is
}

// Share is a percentage as a share: "2%" or "2 %" is 0.02. False where the text is none.
func Share(text string) (float64, bool) {
	number, percent := strings.CutSuffix(text, "%")
	f, is := Decimal(strings.TrimSuffix(number, " "))
	return f / 100, percent && is
}
