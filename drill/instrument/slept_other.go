//go:build !linux

package instrument

import "time"

// sleeps is how far the wall clock has run ahead of the monotonic one, which stands still while the machine sleeps. A
// clock that was set ahead looks the same.
func sleeps() func() time.Duration {
	began := time.Now()
	return func() time.Duration {
		now := time.Now()
		return now.Round(0).Sub(began.Round(0)) - now.Sub(began)
	}
}
