package render

import (
	"fmt"
	"path"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// current is a kustomization without deprecated fields, as "kustomize edit fix" leaves it, and whether it had some. Kustomize would
// take them as they are, and complain of them to the program's standard error, over what is on the screen.
func (k kustomization) current(files map[string][]byte) (content []byte, old bool, err error) {
	if said := k.CheckDeprecatedFields(); said == nil || len(*said) == 0 {
		return nil, false, nil
	}
	patches := filesys.MakeFsInMemory() // what is a file of it, and what the patch itself
	for _, p := range k.PatchesStrategicMerge {
		if file, is := files[path.Join(path.Dir(k.name), string(p))]; is {
			if err := patches.WriteFile(string(p), file); err != nil {
				return nil, true, err
			}
		}
	}
	k.FixKustomization()
	if err := k.FixKustomizationPreMarshalling(patches); err != nil {
		return nil, true, err
	}
	content, err = yaml.Marshal(k.Kustomization)
	if err != nil {
		return nil, true, fmt.Errorf("write it without deprecated fields: %w", err)
	}
	return content, true, nil
}
