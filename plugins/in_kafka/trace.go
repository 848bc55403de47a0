package inkafka

import "github.com/tidegate/tidegate/common/rdkafka"

// headerFacts are what is told of a message's headers before they are written.
type headerFacts struct {
	count int
	// trace and span are the ids of the last valid traceparent, in hexadecimal.
	// They alias it. Both are nil where there is none.
	trace, span []byte
}

func readHeaders(headers rdkafka.Headers) (f headerFacts) {
	if len(headers) == 0 {
		return f
	}
	for h := range headers.All() {
		f.count++
		if isTraceparent(h.Name) {
			if trace, span, ok := parseTraceparent(h.Value); ok {
				f.trace, f.span = trace, span
			}
		}
	}
	return f
}

// isTraceparent reports whether a header is W3C Trace Context's, whose name is
// of any case.
func isTraceparent(name []byte) bool {
	const want = "traceparent"
	if len(name) != len(want) {
		return false
	}
	for i, c := range name {
		if c|0x20 != want[i] {
			return false
		}
	}
	return true
}

// parseTraceparent reads the ids out of
//
//	00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//
// (https://www.w3.org/TR/trace-context/#traceparent-header). A later version
// may have more behind the flags. Ids of zeros are invalid, and the version ff.
func parseTraceparent(v []byte) (trace, span []byte, ok bool) {
	const length = 55
	if len(v) < length || v[2] != '-' || v[35] != '-' || v[52] != '-' {
		return nil, nil, false
	}
	version, trace, span, flags := v[:2], v[3:35:35], v[36:52:52], v[53:55]
	if string(version) == "00" && len(v) > length || len(v) > length && v[length] != '-' || string(version) == "ff" {
		return nil, nil, false
	}
	ok = isHex(version) && isID(trace) && isID(span) && isHex(flags)
	return trace, span, ok
}

// isID reports whether an id is in small hexadecimal digits and not zero.
func isID(id []byte) bool {
	for _, c := range id {
		if c != '0' {
			return isHex(id)
		}
	}
	return false
}

func isHex(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return true
}
