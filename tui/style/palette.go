package style

import "image/color"

// The first layer: the colours there are, one set for a dark terminal and one
// for a light one. Blue and orange carry meaning because they stay apart for
// nearly everybody who does not see red and green apart. Each has a contrast of
// at least 4.5 : 1 against black (or white), frames and the
// areas of charts excepted.

type palette struct {
	blue, deep, orange, amber, ice, violet, grey, line color.Color
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
