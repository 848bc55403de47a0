package httpsend

import "strings"

// Clip bounds what a log line repeats of a server's text, and makes it valid
// UTF-8.
func Clip(text string) string {
	const most = 512
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
