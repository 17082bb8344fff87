package settings

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// Set is what is in a file with one setting changed; comments stay. The error says what is wrong
// with the setting, or with the file as it was.
func Set(path string, data []byte, name, value string, w Words) ([]byte, error) {
	k, is := Find(name, w)
	if !is {
		var names []string
		for _, k := range Names(w) {
			names = append(names, k.Name)
		}
		return nil, fmt.Errorf("there is no setting %q%s", name, strict.Hint(name, names, "there are"))
	}
	if _, err := Read(path, data, w); err != nil {
		return nil, err
	}
	changed, err := put(data, strings.SplitN(k.Name, ".", 2), value)
	if err != nil {
		return nil, err
	}
	if _, err := Read(path, changed, w); err != nil {
		return nil, fmt.Errorf("%s is not changed: %w", path, err)
	}
	return changed, nil
}

// put writes a value into a file at a place, which is a key or a key of a key.
func put(data []byte, at []string, value string) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 { // comments alone, which no node has
		added := &yaml.Node{Kind: yaml.MappingNode}
		setTo(place(added, at), value)
		text, err := encoded(added)
		if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
			data = append(data, '\n')
		}
		return append(data, text...), err
	}
	setTo(place(doc.Content[0], at), value)
	return encoded(&doc)
}

// setTo makes a node a value, and leaves its comments.
func setTo(n *yaml.Node, value string) {
	n.SetString(value)
	n.Style, n.Content = 0, nil
	if value == "true" || value == "false" {
		n.Tag = "" // else it is quoted
	}
}

// place is the value of a key in a mapping, made where it is not there.
func place(m *yaml.Node, at []string) *yaml.Node {
	var v *yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == at[0] {
			v = m.Content[i+1]
		}
	}
	if v == nil {
		k := &yaml.Node{}
		k.SetString(at[0])
		v = &yaml.Node{}
		m.Content = append(m.Content, k, v)
	}
	if len(at) == 1 {
		return v
	}
	if v.Kind != yaml.MappingNode {
		*v = yaml.Node{Kind: yaml.MappingNode, HeadComment: v.HeadComment, LineComment: v.LineComment}
	}
	return place(v, at[1:])
}

func encoded(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// Example is a file in which every setting is explained and none is set.
func Example(w Words) string {
	var b strings.Builder
	b.WriteString("# Settings of fleetdrill. Flags win over them. Take the # away from what you set;\n" +
		"# \"fleetdrill config\" says what is set now, and what is wrong in here.\n")
	example := func(k Key, indent string) {
		help := k.Help
		if values := k.Values(w); len(values) > 0 {
			help += ": " + strict.Enumerate(values)
		}
		mark := "#"
		if indent != "" {
			mark += indent + "#" // stays a comment when the settings around it are set
		}
		for _, l := range wrapped(help, 90) {
			fmt.Fprintf(&b, "%s %s\n", mark, l)
		}
		value := k.Default
		if values := k.Values(w); len(values) > 0 && !slices.Contains(values, value) {
			value = values[0]
		}
		fmt.Fprintf(&b, "#%s%s: %s\n", indent, k.Name, value)
	}
	for _, k := range Keys {
		b.WriteString("\n")
		switch {
		case k.Name == "keys":
			fmt.Fprintf(&b, "# %s\n#keys:\n", k.Help)
			for _, name := range []string{"kill", "next pane"} {
				if bound, is := Find("keys."+name, w); is {
					fmt.Fprintf(&b, "#  %s: %s\n", name, bound.Default)
				}
			}
		case k.Of != nil:
			fmt.Fprintf(&b, "# %s\n#%s:\n", k.Help, k.Name)
			for _, o := range k.Of {
				example(o, "  ")
			}
		default:
			example(k, "")
		}
	}
	return b.String()
}

// wrapped breaks a text at blanks into lines of at most w letters.
func wrapped(text string, w int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > w:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
