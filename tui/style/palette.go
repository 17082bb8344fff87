package style

import "image/color"

// The first layer: the colours there are. Blue and orange carry meaning because
// they stay apart for nearly everybody who does not see red and green apart.
// Frames and the areas of charts need no contrast: nobody reads them.

type palette struct {
	blue, deep, orange, amber, ice, violet, grey, line color.Color
}

// inks is which colour each role has.
func (p palette) inks() [roles]color.Color {
	return [roles]color.Color{
		Quiet: p.grey, Line: p.line, Good: p.blue, Area: p.deep, Bad: p.orange, Warn: p.amber, Cold: p.ice, Lead: p.violet,
	}
}

func hex(rgb uint32) color.Color {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}

var dark = palette{
	blue:   hex(0x5FB0F2),
	deep:   hex(0x2E6FA8),
	orange: hex(0xFF8A3D),
	amber:  hex(0xE6C15C),
	ice:    hex(0x9ADBE8),
	violet: hex(0xB8A4F0),
	grey:   hex(0x8C96A3),
	line:   hex(0x4B5563),
}

var light = palette{
	blue:   hex(0x0B63B0),
	deep:   hex(0x6FA8D8),
	orange: hex(0xB84A00),
	amber:  hex(0x7A5B00),
	ice:    hex(0x0F6C80),
	violet: hex(0x5B3FB5),
	grey:   hex(0x5C6672),
	line:   hex(0xB4BCC7),
}

// High contrast also has frames and charts that stand out.
var contrastDark = palette{
	blue:   hex(0x7CC4FF),
	deep:   hex(0x4F9BDD),
	orange: hex(0xFF9E57),
	amber:  hex(0xFFD95A),
	ice:    hex(0xB9F0FA),
	violet: hex(0xD3C4FF),
	grey:   hex(0xC4CCD6),
	line:   hex(0x9AA3AD),
}

var contrastLight = palette{
	blue:   hex(0x00468F),
	deep:   hex(0x2F78BD),
	orange: hex(0x8A2F00),
	amber:  hex(0x594100),
	ice:    hex(0x004C5C),
	violet: hex(0x43229C),
	grey:   hex(0x3D4650),
	line:   hex(0x5C6672),
}

// These differ in lightness as well as in hue, so that any two roles stay apart for
// people with protanopia, deuteranopia and tritanopia; a test holds them to that.
var blindDark = palette{
	blue:   hex(0x65C2E7),
	deep:   hex(0x2F7FA3),
	orange: hex(0xCC7123),
	amber:  hex(0xEAD829),
	ice:    hex(0xDFF9F6),
	violet: hex(0xC25AF5),
	grey:   hex(0x84888A),
	line:   hex(0x4B5563),
}

var blindLight = palette{
	blue:   hex(0x1D6F9A),
	deep:   hex(0x7FB4D0),
	orange: hex(0x682803),
	amber:  hex(0x826D04),
	ice:    hex(0x0B2E34),
	violet: hex(0xA824DE),
	grey:   hex(0x5F6569),
	line:   hex(0xB4BCC7),
}
