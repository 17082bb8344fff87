package config

import (
	"strings"
	"testing"
)

// What a replica takes stands in events, which know no infinite number.
func TestACapacityIsANumber(t *testing.T) {
	for text, want := range map[string]bool{"0": true, "12.5": true, "1e9": true, "Inf": false, "+inf": false, "infinity": false, "1e300": false, "1e999": false, "NaN": false, "-1": false, "": false, "many": false} {
		web := Object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": Web}, "spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": Container, "env": []any{map[string]any{"name": EnvCapacity, "value": text}}}}}}}}
		if _, err := MeaningOf([]Object{web}); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// An event has the beginning of a long value, and the field itself stays as it is.
func TestBrief(t *testing.T) {
	long := strings.Repeat("é", 1000)
	fields := []Field{{Path: "data.a", Wanted: long, Actual: "1"}}
	if b := Brief(fields); len([]rune(b[0].Wanted)) != mostOfAValue || b[0].Actual != "1" || fields[0].Wanted != long {
		t.Errorf("it is %+v", b)
	}
	if Brief(nil) != nil {
		t.Error("of no field there is something")
	}
}
