package outlogtide

import (
	"encoding/hex"

	"github.com/tidegate/tidegate/common/chunk"
)

// Lengths of ids as text. Of a span id it is the only one that the server
// takes.
const (
	traceIDLength = 32
	spanIDLength  = 16
)

// idText is textOf for an id whose text has that length. OpenTelemetry's ids
// are bytes, 16 and 8, which Fluent Bit keeps as a bin value: their text is
// hexadecimal. An id of zeros stands for none there.
func idText(scratch, value []byte, length int) (text, grown []byte, ok bool) {
	if chunk.KindOf(value) != chunk.Bin {
		return textOf(scratch, value)
	}
	id, _, err := chunk.ReadBinZC(value)
	if err != nil || blank(id) {
		return nil, scratch, false
	}
	grown = appendID(scratch[:0], id, length)
	return grown, grown, true
}

// appendID appends the text of the bytes of an id. Bytes that are this text
// already, from a forwarder that sends every text as bin, stay as they are.
func appendID(dst, id []byte, length int) []byte {
	if isHex(id, length) {
		return append(dst, id...)
	}
	return hex.AppendEncode(dst, id)
}

// isHex reports whether text is that many hexadecimal digits.
func isHex(text []byte, length int) bool {
	if len(text) != length {
		return false
	}
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
