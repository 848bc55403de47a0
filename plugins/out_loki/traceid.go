package outloki

import (
	"encoding/hex"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// append appends the id of a record, nothing if it has none. Bytes of the right
// number are written in hexadecimal, and are none if all are zero, as OTLP has
// it. Text stays as it is.
func (id *plannedID) append(dst []byte, rec *view) ([]byte, error) {
	for _, field := range id.fields {
		value := rec.fields[field]
		if isNil(value) {
			continue
		}
		start := len(dst)
		raw, _, err := chunk.ReadKeyZC(value)
		switch {
		case err == nil && chunk.KindOf(value) == chunk.Bin && len(raw) == id.size:
			if !allZero(raw) {
				dst = hex.AppendEncode(dst, raw)
			}
		default:
			if dst, err = jsontext.AppendText(dst, value); err != nil {
				return dst[:start], err
			}
		}
		if len(dst) > start {
			return dst, nil
		}
	}
	return dst, nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
