package governed

import (
	"bytes"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

// managers is who changed each field last, by the paths of config.Flat, as the API server notes it in metadata.managedFields. Of
// several who own one, that is the newest who is not the reconciler.
func managers(entries []metav1.ManagedFieldsEntry) map[string]string {
	who, when := map[string]string{}, map[string]metav1.Time{}
	for _, e := range entries {
		if e.Manager == config.Manager || e.FieldsV1 == nil {
			continue
		}
		set := &fieldpath.Set{}
		if err := set.FromJSON(bytes.NewReader(e.FieldsV1.Raw)); err != nil {
			continue // of a newer server than is known here
		}
		at := metav1.Time{}
		if e.Time != nil {
			at = *e.Time
		}
		set.Leaves().Iterate(func(p fieldpath.Path) {
			path := written(p)
			if _, known := who[path]; !known || !at.Before(ptr(when[path])) {
				who[path], when[path] = e.Manager, at
			}
		})
	}
	return who
}

func ptr(t metav1.Time) *metav1.Time { return &t }

// written is a path as config.Flat has it: items of lists by their names.
func written(p fieldpath.Path) string {
	var b strings.Builder
	for _, e := range p {
		switch {
		case e.FieldName != nil:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			if name := *e.FieldName; strings.Contains(name, ".") {
				b.WriteString(`"` + name + `"`)
			} else {
				b.WriteString(name)
			}
		case e.Key != nil:
			for _, k := range *e.Key {
				if k.Name == "name" && k.Value.IsString() {
					b.WriteString("[" + k.Value.AsString() + "]")
				}
			}
		}
	}
	return b.String()
}
