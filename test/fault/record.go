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
