package labels

import "fmt"

// Names collects label names and finds those that would be the same label.
// Loki refuses a whole push for one stream with a label twice.
type Names struct {
	from map[string]string
}

// Add takes a valid name and where it comes from, in the operator's own
// words. The error names both places of a name that was taken before.
func (n *Names) Add(name, from string) error {
	if before, taken := n.from[name]; taken {
		return fmt.Errorf("label %s is set twice, by %s and by %s: give one of them another name, as in other_name=$key", name, before, from)
	}
	if n.from == nil {
		n.from = make(map[string]string)
	}
	n.from[name] = from
	return nil
}
