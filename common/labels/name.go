// Package labels makes Loki's label sets: valid names, and the text
// {app="x", level="info"} that names a stream.
//
// Names are settled at start, when a wrong one can still be reported. At run
// time values only are put beside them.
package labels

import (
	"fmt"
	"unicode/utf8"

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
func Sanitize(name string) string { return string(AppendSanitized(nil, []byte(name))) }

// AppendSanitized appends what Sanitize makes of name.
func AppendSanitized(dst, name []byte) []byte {
	if len(name) == 0 || name[0] >= '0' && name[0] <= '9' {
		dst = append(dst, '_')
	}
	for len(name) > 0 {
		c, size := name[0], 1
		switch {
		case c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c >= utf8.RuneSelf:
			_, size = utf8.DecodeRune(name) // 1 for a byte that is no UTF-8
			c = '_'
		default:
			c = '_'
		}
		dst = append(dst, c)
		name = name[size:]
	}
	return dst
}
