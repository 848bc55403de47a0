// Package labels makes Loki's label sets: valid names, and the text
// {app="x", level="info"} that names a stream.
//
// Names are settled at start, when a wrong one can still be reported. At run
// time values only are put beside them.
package labels

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/model"
)

// CheckName returns the rule that name breaks as a label's name, if any.
//
// Prometheus has come to allow any UTF-8 in names. Loki's queries have not, so
// the older rule holds here.
func CheckName(name string) error {
	if model.LegacyValidation.IsValidLabelName(name) {
		return nil
	}
	return fmt.Errorf("must have only letters, digits and _ in a label's name and not start with a digit, such as %s", Sanitize(name))
}

// Sanitize makes a valid name of any: characters that are not allowed become
// _, and a digit at the front gets one put before it.
func Sanitize(name string) string {
	if name == "" {
		return "_"
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		case r >= '0' && r <= '9':
			if i == 0 {
				b.WriteByte('_')
			}
		default:
			r = '_'
		}
		b.WriteRune(r)
	}
	return b.String()
}
