package deadletter

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/reasons"
)

// AppendLine appends a letter as one line of JSON, with its newline:
//
//	{"time":"2026-01-02T03:04:05.6Z","instance":"loki.0","reason":"too_old","error":"…",
//	 "tag":"app","labels":"{…}","topic":"orders","partition":3,"offset":42,
//	 "record_time":"…","key":"order-7","value":"…","headers":[{"name":"n","value":null}]}
//
// Key, value, and a header's name and value are strings where they are valid
// UTF-8 and {"base64":"…"} where they are not, so that any bytes can be had
// back. value and a header's value may be null. Whatever else is empty or not
// known is left out.
func AppendLine(dst []byte, now time.Time, instance string, l *Letter) []byte {
	dst = appendTime(append(dst, `{"time":`...), now)
	dst = appendText(dst, "instance", instance)
	dst = appendText(dst, "reason", l.Reason)
	dst = appendText(dst, "error", reasons.Clip(l.Text))
	dst = appendText(dst, "tag", l.Tag)
	dst = appendText(dst, "labels", l.Labels)
	if l.Topic != "" {
		dst = appendText(dst, "topic", l.Topic)
		dst = strconv.AppendInt(append(dst, `,"partition":`...), int64(l.Partition), 10)
		if l.Offset >= 0 {
			dst = strconv.AppendInt(append(dst, `,"offset":`...), l.Offset, 10)
		}
	}
	if !l.Time.IsZero() {
		dst = appendTime(append(dst, `,"record_time":`...), l.Time)
	}
	if l.Key != nil {
		dst = appendBytes(append(dst, `,"key":`...), l.Key)
	}
	dst = appendBytes(append(dst, `,"value":`...), l.Value)
	return append(appendHeaders(dst, l.Headers), "}\n"...)
}

func appendHeaders(dst []byte, headers []Header) []byte {
	if len(headers) == 0 {
		return dst
	}
	dst = append(dst, `,"headers":[`...)
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendBytes(append(dst, `{"name":`...), []byte(h.Name))
		dst = append(appendBytes(append(dst, `,"value":`...), h.Value), '}')
	}
	return append(dst, ']')
}

func appendTime(dst []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

// appendText appends a member that is text, if there is any.
func appendText(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return jsontext.AppendString(dst, []byte(text))
}

func appendBytes(dst, b []byte) []byte {
	switch {
	case b == nil:
		return append(dst, "null"...)
	case utf8.Valid(b):
		return jsontext.AppendString(dst, b)
	}
	dst = append(dst, `{"base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, b), `"}`...)
}
