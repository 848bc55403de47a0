package host

import (
	"log/slog"
	"strconv"
	"strings"
)

// writeAttr appends ` key=value`, quoted as Go quotes where the value is not
// a plain word. Groups are flattened with dots.
func writeAttr(b *strings.Builder, prefix string, a slog.Attr) {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range value.Group() {
			writeAttr(b, prefix, member)
		}
		return
	}
	if a.Equal(slog.Attr{}) {
		return
	}
	b.WriteByte(' ')
	b.WriteString(prefix)
	b.WriteString(a.Key)
	b.WriteByte('=')
	text := value.String()
	if plain(text) {
		b.WriteString(text)
	} else {
		b.WriteString(strconv.Quote(text))
	}
}

// plain reports whether text can stand in a key=value line as it is.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c == '"' || c == '=' || c >= 0x7f {
			return false
		}
	}
	return text != ""
}
