package config

import "testing"

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
