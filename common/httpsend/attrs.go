package httpsend

import (
	"log/slog"

	"github.com/tidegate/tidegate/common/reasons"
)

// Attrs are what a log line tells of a reply: the status, and the error or the
// front of the answer's text.
func (r *Reply) Attrs() (attrs []any) {
	if r.Status != 0 {
		attrs = append(attrs, slog.Int("status", r.Status))
	}
	if r.Err != nil {
		return append(attrs, slog.String("error", r.Err.Error()))
	}
	if text := reasons.Clip(string(r.Body)); text != "" {
		attrs = append(attrs, slog.String("text", text))
	}
	return attrs
}
