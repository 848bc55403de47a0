package httpsend

import (
	"net/http"
	"strconv"
	"time"
)

// MaxRetryAfter bounds what a server may ask for: a wrong clock or a slip of
// a gateway must not stop the logs for a day.
const MaxRetryAfter = 5 * time.Minute

// parseRetryAfter reads the header of that name (RFC 9110, 10.2.3): seconds or
// a date. What cannot be read asks for nothing.
func parseRetryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), MaxRetryAfter)
}
