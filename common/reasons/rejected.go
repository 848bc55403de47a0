package reasons

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// NewRejected returns the book of an output's rejected records. prefix is
// tidegate_<plugin>; check may be nil.
func NewRejected[R Reason](prefix string, count R, check func(R) string, log *slog.Logger, reg prometheus.Registerer) *Book[R] {
	return NewBook(Table[R]{
		Count:  count,
		Metric: prefix + "_rejected_records_total", Help: "Records that were given up.",
		Message: "records rejected", Level: slog.LevelError,
		Check: check,
	}, log, reg)
}
