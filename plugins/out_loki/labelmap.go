package outloki

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/options"
)

// maxLabelMap bounds what is read of a file that may be the wrong one.
const maxLabelMap = 1 << 20

// labelMapValue is the labels of a file, as Fluent Bit's own Loki output and
// Grafana's plugin read it: JSON with the shape of a record, whose texts are
// the names of the labels that are made from the values there.
//
//	{"kubernetes": {"container_name": "container", "labels": {"app": "app"}}}
func labelMapValue(dst *bindings) options.Value {
	return options.Parsed(dst, "path of a JSON file", func(path string) (bindings, error) {
		list, err := readLabelMap(path)
		if err != nil {
			return bindings{}, err
		}
		return bindings{list, path}, nil
	}, func(b bindings) string { return b.text })
}

func readLabelMap(path string) ([]binding, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be opened: %w", err)
	}
	defer file.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(io.LimitReader(file, maxLabelMap+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	return parseLabelMap(text)
}

func parseLabelMap(text []byte) ([]binding, error) {
	if len(text) > maxLabelMap {
		return nil, fmt.Errorf("must have at most %d bytes", maxLabelMap)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("must be a file with a JSON object: %w", err)
	}
	return mapped(nil, nil, root)
}

// mapped appends the labels of a part of the map, whose place keys tell.
func mapped(list []binding, keys []string, part map[string]any) ([]binding, error) {
	for _, key := range slices.Sorted(maps.Keys(part)) {
		here := append(slices.Clone(keys), key)
		path, err := accessor.Below(here...)
		if err != nil {
			return nil, fmt.Errorf("has a key that is too deep: %w", err)
		}
		switch to := part[key].(type) {
		case string:
			if err := labels.CheckName(to); err != nil {
				return nil, fmt.Errorf("has at %s the name %q, which %w", path, to, err)
			}
			list = append(list, binding{name: to, value: accessor.PathTemplate(path), text: path.String()})
		case map[string]any:
			if list, err = mapped(list, here, to); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("has at %s neither the name of a label nor an object", path)
		}
	}
	return list, nil
}
