package format

import "strconv"

// Term writes an epoch as people count terms of office: "1st term".
func Term(epoch uint64) string {
	suffix := "th"
	if tens := epoch / 10 % 10; tens != 1 {
		switch epoch % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.FormatUint(epoch, 10) + suffix + " term"
}
