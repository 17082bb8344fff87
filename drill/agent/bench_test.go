package agent

import (
	"fmt"
	"testing"
)

// BenchmarkRegions writes and reads by way of another region than the authority,
// with the log engine, over loopback.
func BenchmarkRegions(b *testing.B) {
	l := newLab(b, func(c *Config) { c.Engines = DefaultEngines() }, "us-east", "eu-west", "ap-south")
	l.data.Engine = "log"
	l.lead("us-east", 1)
	n := 0
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			n++
			if _, err := l.write("eu-west", fmt.Sprintf("w-%d", n)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.regions["eu-west"].client.Read(b.Context(), orders, "w-1"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
