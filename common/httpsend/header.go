package httpsend

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/common/config"

	"github.com/tidegate/tidegate/common/options"
)

// headerList is the value of header.
type headerList struct {
	header http.Header
	text   string
}

func headerValue(dst *headerList) options.Value {
	return options.Parsed(dst, "comma-separated list", parseHeader, func(l headerList) string { return l.text })
}

// parseHeader takes `Name=value` and, as Fluent Bit writes it, `Name value`. An
// error tells no value: it may be a key.
func parseHeader(text string) (headerList, error) {
	l := headerList{header: http.Header{}, text: text}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		at := strings.IndexAny(part, "= ")
		if at <= 0 {
			return headerList{}, errors.New("must be a list of name=value")
		}
		name, value := part[:at], strings.TrimSpace(part[at+1:])
		if !validName(name) || !validValue(value) {
			return headerList{}, errors.New("must have only names and values that a header of HTTP may have")
		}
		name = http.CanonicalHeaderKey(name)
		if _, reserved := config.ReservedHeaders[name]; reserved && name != "Authorization" {
			return headerList{}, fmt.Errorf("must not have %s, which is set otherwise", name)
		}
		l.header.Add(name, value)
	}
	return l, nil
}

// validName reports whether a text is a token of RFC 9110, 5.6.2.
func validName(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return text != ""
}

// validValue reports whether a text has no character that ends a header or
// hides in it.
func validValue(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}
