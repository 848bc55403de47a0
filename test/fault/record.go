package fault

import (
	"bytes"
	"strconv"
)

var (
	services = []string{"checkout", "payment", "search", "basket", "mail"}
	levels   = []string{"debug", "info", "info", "info", "warn", "error", "info"}
)

// The number stands in the text of the message, between these two. Neither has a character
// that JSON escapes, so it is found in a record that was quoted into another.
var (
	numberMark = []byte("number=")
	numberEnd  = byte(';')
)

// AppendRecord appends record n: a JSON object of about 200 bytes, as an application logs.
func AppendRecord(dst []byte, n int) []byte {
	dst = append(dst, `{"service":"`...)
	dst = append(dst, services[n/3%len(services)]...)
	dst = append(dst, `","level":"`...)
	dst = append(dst, levels[n%len(levels)]...)
	dst = append(dst, `","message":"number=`...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `; request took `...)
	dst = strconv.AppendInt(dst, int64(n%250), 10)
	dst = append(dst, ` ms","request":{"path":"/api/v2/orders/`...)
	dst = strconv.AppendInt(dst, int64(n%3001), 10)
	return append(dst, `","method":"GET","status":200,"agent":"Mozilla/5.0 (X11; Linux x86_64)"}}`...)
}

// AppendPadded appends record n with so many bytes more, or a few above that, in a member of
// its own.
func AppendPadded(dst []byte, n, padding int) []byte {
	dst = AppendRecord(dst, n)
	if padding == 0 {
		return dst
	}
	dst = append(dst[:len(dst)-1], `,"trace":"`...)
	for at, word := len(dst), uint64(n); len(dst) < at+padding; {
		// Digits that compress like text does, to about a half.
		word = word*6364136223846793005 + 1442695040888963407
		dst = strconv.AppendUint(dst, word>>8, 16)
	}
	return append(dst, `"}`...)
}

// NumberIn finds the number of a record in whatever a destination made of it.
func NumberIn(text []byte) (n int, ok bool) {
	_, rest, ok := bytes.Cut(text, numberMark)
	if !ok {
		return 0, false
	}
	end := bytes.IndexByte(rest, numberEnd)
	if end < 0 {
		return 0, false
	}
	n, err := strconv.Atoi(string(rest[:end]))
	return n, err == nil && n >= 0
}
