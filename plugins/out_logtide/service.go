package outlogtide

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/jsontext"
)

// maxService is the server's limit, in characters. The server counts UTF-16
// code units as its language does, of which a character outside of the basic
// plane has two.
const maxService = 100

// unknownService is what the server calls a service without a name.
const unknownService = `"unknown"`

// units counts the UTF-16 code units of text.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// appendService appends the name of the service as a JSON string.
func (b *batch) appendService(dst []byte) []byte {
	found := false
	b.fields.each(service, b.plan, func(value []byte, is name) (bool, bool) {
		var text []byte
		text, b.scratch, found = textOf(b.scratch, value)
		if !found {
			return false, false
		}
		if text = serviceName(text, is); blank(text) {
			found = false
			return false, false
		}
		var cut bool
		dst, cut = b.appendCut(dst, text)
		return true, !cut && (is == nameService || is == otherName)
	})
	if !found {
		dst = append(dst, unknownService...)
	}
	return dst
}

// serviceName takes out of a field of the journal what names the service.
func serviceName(text []byte, is name) []byte {
	switch is {
	case nameSystemdUnit:
		return bytes.TrimSuffix(text, []byte(".service"))
	case nameExe:
		return text[bytes.LastIndexByte(text, '/')+1:]
	default:
		return text
	}
}

// appendCut appends the front of text, as much as a service may have, as a
// JSON string. It reports whether more was there.
func (b *batch) appendCut(dst, text []byte) (out []byte, cut bool) {
	if len(text) <= maxService {
		// As many bytes are at most as many units.
		return jsontext.AppendString(dst, text), false
	}
	short, left := make([]byte, 0, 4*maxService), maxService
	for len(text) > 0 && !cut {
		r, size := utf8.DecodeRune(text)
		n := utf16.RuneLen(r)
		switch {
		case r == 0:
			text = text[size:]
		case n > left:
			cut = true
		default:
			short = utf8.AppendRune(short, r)
			text, left = text[size:], left-n
		}
	}
	return jsontext.AppendString(dst, short), cut
}
